package dnszone

// ValidateRecords holds records of a zone against each other: what each is by
// itself, [Validate] says. It returns the place of the first record that cannot
// stand where it does, and a [*FieldError] that says why; -1 and nil when all
// can stand together.
//
//   - No CNAME stands at the apex, and none beside any other record of its name,
//     be it a second CNAME.
//   - The records of a set have one TTL; a TTL of 0 takes the others'.
//   - No record is there twice, in whatever spelling.
func ValidateRecords(records []Record) (place int, err error) {
	type value struct {
		name Name
		data Data
	}
	first := map[Name]Type{} // the type of a name's first record
	seen := map[value]bool{}
	ttls := map[SetKey]int{}
	for i, r := range records {
		key := r.Key()
		alias, other := key.Type == TypeCNAME, first[key.Name]
		switch {
		case alias && key.Name.IsApex():
			return i, problem("type", "a CNAME cannot stand at the apex of a zone")
		case seen[value{key.Name, Canonical(r.Data)}]:
			return i, problem("value", "%s %s %s is there twice", key.Name, key.Type, show(ToFields(r.Data).Value))
		case alias && other == TypeCNAME:
			return i, problem("value", "%s has a CNAME already, a name has one at most", key.Name)
		case alias && other != "":
			return i, problem("type", "a CNAME cannot stand beside the %s record of %s", other, key.Name)
		case other == TypeCNAME:
			return i, problem("type", "%s has a CNAME, beside which no other record can stand", key.Name)
		case r.TTL != 0 && ttls[key] != 0 && r.TTL != ttls[key]:
			return i, problem("ttl", "one TTL holds for all of %s %s, here %d and %d", key.Name, key.Type, ttls[key], r.TTL)
		}
		seen[value{key.Name, Canonical(r.Data)}] = true
		if other == "" {
			first[key.Name] = key.Type
		}
		if r.TTL != 0 {
			ttls[key] = r.TTL
		}
	}
	return -1, nil
}
