package entri

// SetupType is how the records got into the zone.
type SetupType string

// The set-up types of events and webhooks. checkDomain writes the first two
// with a capital letter.
const (
	SetupAutomatic   SetupType = "automatic"
	SetupManual      SetupType = "manual"
	SetupSharedLogin SetupType = "sharedLogin" // a link was sent to whoever has the DNS account
	SetupPurchase    SetupType = "purchase"    // npm client only
)

// Step is a screen of the flow: step in onEntriStepChange, and lastStatus in
// onEntriClose, where it is the screen that was left.
type Step string

// The steps, in the order in which a flow passes them.
const (
	StepInitial                 Step = "INITIAL"
	StepEnterDomain             Step = "ENTER_DOMAIN" // skipped with prefilledDomain
	StepDomainAnalysis          Step = "DOMAIN_ANALYSIS"
	StepProviderManualSelection Step = "PROVIDER_MANUAL_SELECTION"
	StepLogin                   Step = "LOGIN"
	StepLogin2FA                Step = "LOGIN_2FA" // npm client only
	StepExistingRecords         Step = "EXISTING_RECORDS"
	StepDomainSetup             Step = "DOMAIN_SETUP"
	StepInProgress              Step = "IN_PROGRESS"
	StepManualConfiguration     Step = "MANUAL_CONFIGURATION"
	StepDKIMSetup               Step = "DKIM_SETUP"
	StepExitWithError           Step = "EXIT_WITH_ERROR"
	StepFinished                Step = "FINISHED_SUCCESSFULLY"
	StepFinishedManual          Step = "FINISHED_SUCCESSFULLY_MANUAL"
	StepFinishedLinkShared      Step = "FINISHED_SUCCESSFULLY_LINK_SHARED" // npm client only
)

// Status is a status field of a webhook: propagation, dkim, redirection, ssl,
// secure, power.
type Status string

// The statuses of the API reference. Today's documentation writes "failed"
// for the third; propagation is never exempt.
const (
	StatusSuccess Status = "success"
	StatusPending Status = "pending"
	StatusFailure Status = "failure"
	StatusExempt  Status = "exempt" // the feature is off
)
