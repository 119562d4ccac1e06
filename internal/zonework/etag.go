package zonework

import "strings"

// codingMarks are what web servers append inside an entity tag when they
// compress the answer. The version is the same.
var codingMarks = []string{"--gzip", "-gzip", ";gzip", "--br", "-br", ";br"}

// EntityTag is a tag without the mark of a content coding. "*" and an empty tag
// are none.
func EntityTag(header string) string {
	tag := strings.TrimSpace(header)
	for _, mark := range codingMarks {
		if bare, marked := strings.CutSuffix(tag, mark+`"`); marked {
			tag = bare + `"`
			break
		}
	}
	switch tag {
	case "*", `""`, `W/""`:
		return ""
	}
	return tag
}

// VersionOf is the version that a tag stands for. A weak one may be a web
// server's own, or the version, which a web server weakened because it
// compressed the answer.
func VersionOf(header string) Version {
	tag, weak := strings.CutPrefix(EntityTag(header), "W/")
	return Version{tag, weak}
}
