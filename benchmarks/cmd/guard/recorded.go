package main

// recorded is what each operation of hoster allocates, on either engine of
// encoding/json: allocations and bytes. Whoever lowers it records the lower
// number. What the pools lose to a collection now and then is within stray.
var recorded = map[string]struct{ allocs, bytes float64 }{
	"get":            {21, 3641},
	"page100":        {138, 36279},
	"page1000":       {1039, 312056},
	"zone10000":      {10909, 3421337},
	"domains100":     {440, 43306},
	"contacts100":    {233, 39589},
	"invoices100":    {3136, 147326},
	"orders100":      {1135, 108559},
	"services100":    {435, 48579},
	"plans100":       {1733, 107876},
	"tokens100":      {833, 78117},
	"mixed100":       {188, 31056},
	"mixed1000":      {1539, 232761},
	"odd100":         {152, 30033},
	"odd1000":        {1053, 247595},
	"profile":        {20, 3377},
	"contact":        {21, 3425},
	"invoice":        {55, 4898},
	"order":          {32, 4049},
	"service":        {25, 3841},
	"usage":          {21, 3136},
	"token":          {24, 4065},
	"transfer":       {20, 3201},
	"nameservers":    {21, 3185},
	"domaincontacts": {18, 3080},
	"availability50": {494, 21465},
}
