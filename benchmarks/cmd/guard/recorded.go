package main

// recorded is what each operation of hoster allocates, on either engine of
// encoding/json: allocations and bytes. Whoever lowers it records the lower
// number. What the pools lose to a collection now and then is within stray.
var recorded = map[string]struct{ allocs, bytes float64 }{
	"get":            {24, 3753},
	"page100":        {141, 36400},
	"page1000":       {1042, 311570},
	"zone10000":      {10968, 3420820},
	"domains100":     {443, 43422},
	"contacts100":    {236, 39730},
	"invoices100":    {3139, 147308},
	"orders100":      {1138, 108768},
	"services100":    {438, 48737},
	"plans100":       {1736, 107985},
	"tokens100":      {836, 78199},
	"mixed100":       {271, 32782},
	"mixed1000":      {2342, 248357},
	"odd100":         {155, 30156},
	"odd1000":        {1056, 247706},
	"profile":        {23, 3489},
	"contact":        {24, 3537},
	"invoice":        {58, 5010},
	"order":          {35, 4161},
	"service":        {28, 3954},
	"usage":          {24, 3248},
	"token":          {27, 4178},
	"transfer":       {23, 3313},
	"nameservers":    {24, 3297},
	"domaincontacts": {21, 3192},
	"availability50": {497, 21581},
}
