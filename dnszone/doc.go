// Package dnszone is DNS without HTTP: the names of records, their values, and
// the question whether two of them are the same.
//
// It is written for authors of Terraform providers, of sync tools and of
// anything else that compares what somebody wrote with what the API answered.
// It imports nothing of the SDK and does no I/O.
//
// # Canonical equality
//
// The API contract lets one record be written in many ways and answers in one.
// A tool that compares spellings sees a difference that is not there, and
// plans the same change again on every run. So each value here has one
// canonical form, the one in which the API answers, and two values are equal
// when their canonical forms are:
//
//   - A record name is relative to its zone, lower case, in A-labels, "@" for
//     the apex. "", "@", "example.com" and "EXAMPLE.COM." are one name.
//   - A host that a record points to is absolute whether
//     or not it ends in a dot, lower case, in A-labels, without the final dot.
//     It is never relative to the zone. "." stays ".", the null MX of RFC 7505.
//   - An IPv6 address has its RFC 5952 spelling.
//   - A TXT value is its logical text, the octets that a resolver's user reads.
//     Quotes, escapes and chunks of 255 octets belong to zone files: they are
//     taken off on the way in and make no difference.
//   - The value of a CAA record is compared octet by octet, its tag without
//     regard to case.
//   - PTR, ALIAS, DNAME, HTTPS, SVCB, TLSA, SSHFP, DS, NAPTR, LOC and URI are
//     compared by what a DNS server would answer: hexadecimal in any case,
//     parameters in any order, a location with or without its zeros.
//   - The octets of TXT and CAA values are never changed: no case folding, no
//     trimming.
//   - A record of any other type ([Raw]) keeps its value as it came, and is equal
//     only to exactly that.
//
// [ParseName] and [FromFields] read every spelling, [Name.Relative] and
// [ToFields] write the canonical one, [Equal] compares, and what [Canonical]
// returns can be compared with == and be the key of a map. The TTL is not part of
// a record's identity, it belongs to the set of a name and type.
//
// # Strict out, tolerant in
//
// Reading accepts whatever has one clear meaning; [Validate] and [ValidateTTL]
// hold a value against the rules of the API (docs/dns.md) before it is sent, and
// [ValidateRecords] the records of a zone against each other. Each error
// is, or wraps, a [*FieldError] that names the field in the API's words.
//
// # Goals and plans
//
// [Diff] compares two zones. A [Goal] is what one record set is to hold, and
// [Goal.Changes] what leads there from whatever it holds now. [Plan] makes a
// [SetPlan] for each set of a zone that differs, which can tell later whether its
// set is untouched, done, or half done. All of them are plain values.
package dnszone
