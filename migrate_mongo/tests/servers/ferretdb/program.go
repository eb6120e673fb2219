//go:build program

// Names the program that is built, so that go.mod and go.sum pin it with all its modules.
package ferretdb

import _ "github.com/FerretDB/FerretDB/cmd/ferretdb"
