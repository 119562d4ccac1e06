package dnszone

import "fmt"

// RecordError says which record of several cannot stand where it does, and why.
type RecordError struct {
	Place int
	FieldError
}

// Error names the place, the field and the problem.
func (e *RecordError) Error() string { return fmt.Sprintf("record %d: %v", e.Place, &e.FieldError) }

// Unwrap is the [*FieldError].
func (e *RecordError) Unwrap() error { return &e.FieldError }

// ValidateRecords holds records of a zone against each other, and against sets of
// the zone that stay beside them: what each record is by itself, [Validate] says.
// It returns a problem for each record that cannot stand where it does, in their
// order, and nil when all can stand together.
//
//   - Each has a name that its type can have: see [ValidatePlace].
//   - No CNAME stands beside any other record of its name, be it a second CNAME.
//   - The records of a set have one TTL; a TTL of 0 takes the others'.
//   - No record is there twice, in whatever spelling.
func ValidateRecords(records []Record, beside ...SetKey) (problems []*RecordError) {
	type value struct {
		name Name
		data Data
	}
	first := map[Name]Type{} // the type of a name's first record
	stays := map[Name]Type{} // a type of those that stay, CNAME before others
	seen := map[value]bool{}
	ttls := map[SetKey]int{}
	for _, key := range beside {
		if stays[key.Name] != TypeCNAME {
			stays[key.Name] = key.Type
		}
	}
	for i, r := range records {
		refuse := func(field, format string, args ...any) {
			problems = append(problems, &RecordError{i, FieldError{Field: field, Problem: fmt.Sprintf(format, args...)}})
		}
		key := r.Key()
		if err := validatePlace(key.Name, key.Type); err != nil {
			problems = append(problems, &RecordError{i, *err})
			continue // it is in no other record's way
		}
		alias, other, staying := key.Type == TypeCNAME, first[key.Name], stays[key.Name]
		switch {
		case seen[value{key.Name, Canonical(r.Data)}]:
			refuse("value", "%s %s %s is there twice", key.Name, key.Type, show(ToFields(r.Data).Value))
		case alias && other == TypeCNAME:
			refuse("value", "%s has a CNAME already, a name has one at most", key.Name)
		case alias && other != "":
			refuse("type", "a CNAME cannot stand beside the %s record of %s", other, key.Name)
		case other == TypeCNAME:
			refuse("type", "%s has a CNAME, beside which no other record can stand", key.Name)
		case staying != "" && (alias || staying == TypeCNAME):
			refuse("type", "a CNAME stands alone, and the %s of %s stays there", staying, key.Name)
			continue
		case r.TTL != 0 && ttls[key] != 0 && r.TTL != ttls[key]:
			refuse("ttl", "one TTL holds for all of %s %s, here %d and %d", key.Name, key.Type, ttls[key], r.TTL)
		}
		seen[value{key.Name, Canonical(r.Data)}] = true
		if other == "" {
			first[key.Name] = key.Type
		}
		if r.TTL != 0 && ttls[key] == 0 {
			ttls[key] = r.TTL
		}
	}
	return problems
}

// ValidatePlace says whether a record of a type can have a name: a CNAME and a DS
// record stand below the apex of a zone. It returns nil or a [*FieldError].
func ValidatePlace(name Name, rrtype Type) error {
	if err := validatePlace(name, rrtype); err != nil {
		return err
	}
	return nil
}

func validatePlace(name Name, rrtype Type) *FieldError {
	if rules[rrtype.upper()].below && name.IsApex() {
		return &FieldError{Field: "name", Problem: fmt.Sprintf("a %s record cannot stand at the apex of a zone", rrtype.upper())}
	}
	return nil
}

// Unique leaves out what is there twice, in whatever spelling, and returns the
// places of the records that stay. A record without a TTL takes that of its twin;
// twins with two TTLs both stay, for [ValidateRecords] to refuse.
func Unique(records []Record) (unique []Record, places []int) {
	type value struct {
		key  SetKey
		data Data
	}
	listed := map[value]int{}
	for i, r := range records {
		v := value{r.Key(), Canonical(r.Data)}
		if first, twice := listed[v]; twice {
			ttl := &unique[first].TTL
			if *ttl == 0 {
				*ttl = r.TTL
			}
			if r.TTL == 0 || r.TTL == *ttl {
				continue
			}
		}
		listed[v] = len(unique)
		unique, places = append(unique, r), append(places, i)
	}
	return unique, places
}
