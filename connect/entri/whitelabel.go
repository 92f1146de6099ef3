package entri

import (
	"net/url"
	"strings"
)

// WhiteLabel is how the modal looks and which of its screens it shows.
type WhiteLabel struct {
	HideEntriLogo               bool       `json:"hideEntriLogo,omitzero"`
	HideConfetti                bool       `json:"hideConfetti,omitzero"`
	HideLinkSharingConfirmation bool       `json:"hideLinkSharingConfirmation,omitzero"`
	Logo                        string     `json:"logo,omitzero"`                // https URL
	LogoBackgroundColor         string     `json:"logoBackgroundColor,omitzero"` // hex code or a colour's CSS name
	RemoveLogoBorder            bool       `json:"removeLogoBorder,omitzero"`
	RemoveShareLogin            bool       `json:"removeShareLogin,omitzero"`
	SkipCongratulationsScreen   bool       `json:"skipCongratulationsScreen,omitzero"`
	Theme                       Theme      `json:"theme,omitzero"`
	CustomCopy                  CustomCopy `json:"customCopy,omitzero"`
}

// Theme is the modal's colours as hex codes, "#fff" or "#fa7268".
type Theme struct {
	BG    string `json:"bg,omitzero"`
	FG    string `json:"fg,omitzero"`
	Links string `json:"links,omitzero"`
}

// CustomCopy is texts in place of the modal's own.
type CustomCopy struct {
	InitialScreen  InitialScreen  `json:"initialScreen,omitzero"`
	ManuallyScreen ManuallyScreen `json:"manuallyScreen,omitzero"`
}

// InitialScreen is the texts of the first screen.
type InitialScreen struct {
	Title    Copy `json:"title,omitzero"`
	SubTitle Copy `json:"subTitle,omitzero"` // "subtitle" is read as well
}

// ManuallyScreen is the texts of the screen for manual set-up. <link></link>
// in StepByStepGuide is what a person may click.
type ManuallyScreen struct {
	DisableManualSetupDocumentationLink bool `json:"disableManualSetupDocumentationLink,omitzero"`
	StepByStepGuide                     Copy `json:"stepByStepGuide,omitzero"`
}

// Copy is one text by locale; "en" is always there.
type Copy map[string]string

// In is the text for a locale, in English where there is no translation and
// "" where there is no text. "pt" and "pt-br" are the same.
func (c Copy) In(locale string) string {
	locale = strings.ToLower(locale)
	names := []string{locale, "en"}
	switch locale {
	case "pt":
		names = []string{"pt", "pt-br", "en"}
	case "pt-br":
		names = []string{"pt-br", "pt", "en"}
	}
	for _, name := range names {
		if text := c[name]; text != "" {
			return text
		}
	}
	return ""
}

func (r *reader) whiteLabel(v value, w *WhiteLabel) {
	object := func(known map[string]func(value)) func(value) {
		return func(v value) { r.object(v, known) }
	}
	text := func(dst *Copy) func(value) { return r.tags((*map[string]string)(dst)) }
	initial, manually := &w.CustomCopy.InitialScreen, &w.CustomCopy.ManuallyScreen
	// The reference's table has subTitle, its sample subtitle.
	subTitle := func(v value) {
		if initial.SubTitle != nil {
			r.errs.add(Duplicate, v.path, "", "subTitle and subtitle are the same; keep one")
		}
		text(&initial.SubTitle)(v)
	}
	r.object(v, map[string]func(value){
		"hideEntriLogo":               r.flag(&w.HideEntriLogo),
		"hideConfetti":                r.flag(&w.HideConfetti),
		"hideLinkSharingConfirmation": r.flag(&w.HideLinkSharingConfirmation),
		"logo":                        r.text(&w.Logo),
		"logoBackgroundColor":         r.text(&w.LogoBackgroundColor),
		"removeLogoBorder":            r.flag(&w.RemoveLogoBorder),
		"removeShareLogin":            r.flag(&w.RemoveShareLogin),
		"skipCongratulationsScreen":   r.flag(&w.SkipCongratulationsScreen),
		"theme": object(map[string]func(value){
			"bg": r.text(&w.Theme.BG), "fg": r.text(&w.Theme.FG), "links": r.text(&w.Theme.Links),
		}),
		"customCopy": object(map[string]func(value){
			"initialScreen": object(map[string]func(value){
				"title": text(&initial.Title), "subTitle": subTitle, "subtitle": subTitle,
			}),
			"manuallyScreen": object(map[string]func(value){
				"disableManualSetupDocumentationLink": r.flag(&manually.DisableManualSetupDocumentationLink),
				"stepByStepGuide":                     text(&manually.StepByStepGuide),
			}),
		}),
	})
}

// problems finds what would not show, or would put foreign code into a page.
func (w WhiteLabel) problems() (errs Errors) {
	if u, err := url.Parse(w.Logo); w.Logo != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		errs.add(Invalid, "whiteLabel.logo", w.Logo, "no https URL; the logo is loaded by a page that is served with https")
	}
	if c := w.LogoBackgroundColor; c != "" && !hexColor(c) && strings.Trim(strings.ToLower(c), "abcdefghijklmnopqrstuvwxyz") != "" {
		errs.add(Invalid, "whiteLabel.logoBackgroundColor", c, "no colour; write a hex code, such as #444444")
	}
	for _, c := range []struct{ path, value string }{{"bg", w.Theme.BG}, {"fg", w.Theme.FG}, {"links", w.Theme.Links}} {
		if c.value != "" && !hexColor(c.value) {
			errs.add(Invalid, "whiteLabel.theme."+c.path, c.value, "no colour; write a hex code, such as #fa7268")
		}
	}
	for _, c := range []struct {
		path string
		copy Copy
	}{
		{"initialScreen.title", w.CustomCopy.InitialScreen.Title},
		{"initialScreen.subTitle", w.CustomCopy.InitialScreen.SubTitle},
		{"manuallyScreen.stepByStepGuide", w.CustomCopy.ManuallyScreen.StepByStepGuide},
	} {
		if len(c.copy) > 0 && c.copy["en"] == "" {
			errs.add(Missing, "whiteLabel.customCopy."+c.path+".en", "", "missing; every other language falls back to English")
		}
	}
	return errs
}

// hexColor reports whether s is # and 3, 4, 6 or 8 hexadecimal digits (CSS
// Color Module Level 4).
func hexColor(s string) bool {
	digits, ok := strings.CutPrefix(s, "#")
	n := len(digits)
	return ok && (n == 3 || n == 4 || n == 6 || n == 8) && strings.Trim(strings.ToLower(digits), "0123456789abcdef") == ""
}
