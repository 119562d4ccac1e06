package main

// recorded is what each operation of hoster allocates, on either engine of
// encoding/json: allocations and bytes. Whoever lowers it records the lower
// number. What the pools lose to a collection now and then is within stray.
var recorded = map[string]struct{ allocs, bytes float64 }{
	"get":            {19, 2704},
	"page100":        {131, 35472},
	"page1000":       {1032, 310578},
	"zone10000":      {10339, 3322648},
	"domains100":     {334, 39183},
	"contacts100":    {10619, 599358},
	"invoices100":    {36226, 2255482},
	"orders100":      {20422, 1176731},
	"services100":    {12020, 716260},
	"plans100":       {24121, 1436107},
	"tokens100":      {18420, 1058282},
	"mixed100":       {291, 34290},
	"mixed1000":      {2632, 272837},
	"odd100":         {351, 31442},
	"odd1000":        {3052, 256195},
	"profile":        {149, 9378},
	"contact":        {155, 9642},
	"invoice":        {414, 26581},
	"order":          {256, 16627},
	"service":        {243, 17307},
	"usage":          {113, 7184},
	"token":          {233, 13514},
	"transfer":       {92, 6553},
	"nameservers":    {93, 6257},
	"domaincontacts": {84, 5776},
	"availability50": {3119, 172958},
}
