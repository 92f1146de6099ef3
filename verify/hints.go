package verify

// hint is what a person can do about what a code says; every code has one.
// Codes stand in the order of their declaration.
func hint(c Code) string {
	for _, of := range []func(Code) string{hintServer, hintTransport, hintValue, hintName, hintView} {
		if h := of(c); h != "" {
			return h
		}
	}
	return ""
}

// hintServer is about the servers of a zone and who names them.
func hintServer(c Code) string {
	switch c {
	case CodeNoStart:
		return "no server to start from answers: check the network, and the start servers if some are set"
	case CodeStale:
		return "a secondary that has not taken the zone over yet, or a server of another provider that is still delegated to: wait for the one, remove the other from the name servers at the registrar"
	case CodeLameRefused:
		return "the server is named for the zone and refuses it: add the zone at its operator, or remove the server from the delegation"
	case CodeLameServfail:
		return "the server is named for the zone and fails to load or to transfer it: its operator must look at its logs, or remove it from the delegation"
	case CodeLameUpward:
		return "the server was never told of the zone: add the zone at its operator, or remove the server from the delegation"
	case CodeLameAA0:
		return "the server forwards or caches instead of having the zone: make it a secondary, or remove it from the delegation"
	case CodeLame:
		return "the server is named for the zone and does not answer for it: its operator or the delegation must be corrected"
	case CodeDead:
		return "resolvers lose time on it: bring the server back, open UDP and TCP port 53, or remove the address from the name server's records"
	case CodeUnknown:
		return "it counts as a server that lags until a look learns what it serves: look again, and less often if it limits the rate"
	case CodeNoRoute:
		return "this machine cannot reach the address and others may: nothing to do unless the zone has no other server"
	case CodeNSNoName:
		return "correct the spelling of the name server's name at the registrar, or make its name exist; whoever registers that name could answer for the zone"
	case CodeNSNoAddress:
		return "give the name server's name an A or AAAA record, with glue at the registrar if it lies in the zone itself, or remove it from the name servers"
	case CodeNSAlias:
		return "name the server by a name that has address records: the name in an NS record must not be an alias (RFC 2181 section 10.3)"
	case CodeNSPrivate:
		return "give the name server an address that the Internet routes, or remove it from the name servers"
	case CodeParentExtra:
		return "correct the name servers at the registrar, or let the zone's NS records name the server too"
	case CodeChildExtra:
		return "correct the NS records at the apex, or name the server at the registrar too"
	case CodeDisjoint:
		return "the domain is in the middle of a move, or the move was left unfinished: set at the registrar the name servers that the zone itself names"
	case CodeGlue:
		return "correct the glue records, the host addresses at the registrar, to those that the zone has for the name server"
	case CodeSerial:
		return "one of the servers has not taken the newest version over yet: wait for the zone's refresh time, then look at its transfers"
	case CodeUndelegated:
		return "the domain is not registered, is on hold, or its registrar names no name servers for it: check registration and name servers there"
	case CodeCutBelow:
		return "a record written to the upper zone is never seen: write it to the lower one, or remove the delegation of that name"
	default:
		return ""
	}
}

// hintTransport is about the way to a server and back.
func hintTransport(c Code) string {
	switch c {
	case CodeFlap:
		return "several machines share the address and do not agree yet: wait, and ask the provider if it stays"
	case CodeEDNSFormErr:
		return "the server is old or sits behind an old firewall: resolvers cope, its operator should update it (RFC 6891)"
	case CodeEDNSDrop:
		return "a firewall drops questions with EDNS, so that resolvers lose time: its operator must let them through (RFC 6891)"
	case CodeTCPNeeded:
		return "nothing to do; fewer or shorter records at the name would spare resolvers the second question"
	case CodeNoTCP:
		return "open TCP port 53 at the server (RFC 7766), or keep fewer and shorter records at the name: resolvers cannot get the answer"
	case CodeRateLimited:
		return "look less often, or from fewer places: the server limits how much it answers one asker"
	case CodeCaseMangled:
		return "the server or a box before it rewrites questions: its operator should update it, since resolvers may take its answers for forged"
	case CodeSpoofed:
		return "somebody sends false answers, or a box on the way does: they were dropped; look from another network to see where they come from"
	case CodeGarbage:
		return "the server or a box before it sends broken messages: they were dropped; its operator should look into it"
	default:
		return ""
	}
}

// hintValue is about the data of a record.
func hintValue(c Code) string {
	switch c {
	case CodeValueWrong:
		return "compare what is there with what was asked for, and correct it at the DNS provider"
	case CodeValueExtra:
		return "remove the other values if they are of an earlier set-up: clients choose one of all of them"
	case CodeDupSPF:
		return "receivers take more than one SPF record for an error (RFC 7208 section 4.5): merge them into one"
	case CodeDupDKIM:
		return "receivers choose any of several keys or none (RFC 6376 section 3.6.2.2): remove the old one"
	case CodeDupDMARC:
		return "receivers ignore all of several DMARC records (RFC 7489 section 6.6.3): leave one of them"
	case CodeTXTSplit:
		return "nothing to do: the strings of a text are joined before they are read"
	case CodeTXTQuoted:
		return "enter the value without quotation marks: the provider adds them itself"
	case CodeTXTTruncated:
		return "the provider keeps only the first 255 octets: enter the value as several quoted strings, or use a shorter value, such as a shorter key"
	case CodeTargetAppended:
		return "end the target with a dot: without one the provider appends the zone's name"
	case CodeCNAMECoexist:
		return "a CNAME cannot stand beside other records (RFC 1034 section 3.6.2): remove one or the other, or use another name"
	case CodeCNAMELoop:
		return "the aliases lead back to themselves: let one of them lead to a name with the records"
	case CodeCNAMEDangling:
		return "create the target, or correct or remove the alias: whoever gets hold of the target's name gets its visitors"
	case CodeCNAMEDeep:
		return "let the alias lead directly to the last name: resolvers give up on long rows of aliases"
	case CodeFlattened:
		return "nothing to do: the provider answers with the target's addresses, which works as long as it follows their changes"
	case CodeProxied:
		return "DNS cannot prove what stands behind the provider's proxy: switch the proxy off for the record, or check over HTTPS"
	case CodeCAABlocks:
		return "add an issue property with the authority's name to the CAA records (RFC 8659), else it must refuse to issue certificates"
	default:
		return ""
	}
}

// hintName is about where a record stands.
func hintName(c Code) string {
	switch c {
	case CodeNameDoubled:
		return "the provider appends the zone's name itself: enter the name without it"
	case CodeNameMissing:
		return "enter the name as the provider counts it, relative to the zone and with all its labels, and remove the misplaced record"
	case CodeWildcard:
		return "a wildcard answers, so this does not prove that the record itself was written; nothing to do if that is meant"
	case CodeNoData:
		return "the name exists, and the record is not there: create it, or wait until the provider has published it"
	case CodeNXDomain:
		return "no record of any type stands at the name: create the record, or wait until the provider has published it"
	case CodeEmpty:
		return "the name exists only because names below it do: create the record, and check that it was not entered one level too low"
	default:
		return ""
	}
}

// hintView is about those who ask for the world, and about time.
func hintView(c Code) string {
	switch c {
	case CodeNegCached:
		return "wait until the resolver forgets that the record was not there; many public resolvers forget at once on the page where they flush a name"
	case CodePosCached:
		return "wait until the old value's TTL is over; many public resolvers forget at once on the page where they flush a name"
	case CodeNSECSynth:
		return "wait until the resolver forgets the signed denial that covers the name; flushing the name alone may not help"
	case CodeFailCached:
		return "resolvers keep a failure for up to 5 minutes (RFC 9520): look again then; if it stays, the way from the resolver to the servers is broken"
	case CodeServeStale:
		return "the resolver cannot reach the zone's servers and serves what has expired (RFC 8767): check that they answer it, then wait half a minute"
	case CodeDNSSECBogus:
		return "the zone's signatures do not hold: compare the DS record at the registrar with the zone's keys, and remove it if the new provider does not sign"
	case CodeFiltered:
		return "the resolver blocks the name or this asker by policy: ask its operator to unblock it; the record itself is published"
	case CodeSplitHorizon:
		return "the resolver has data of its own for the name: those behind it see other records than the world; ask its operator"
	case CodeViewTimeout:
		return "check that the resolver or vantage point is up and lets this machine ask; the record is judged by the others"
	case CodeQuorum:
		return "where too few places agree, some servers may be old, or routes hijacked: look again, and compare what the places see"
	case CodeDeadline:
		return "mend what the other findings name, then begin a new watch; where there are none, the record was never written"
	default:
		return ""
	}
}
