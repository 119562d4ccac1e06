package main

// recorded is what each operation of hoster allocates, on either engine of
// encoding/json: allocations and bytes. Whoever lowers it records the lower
// number. What the pools lose to a collection now and then is within stray.
var recorded = map[string]struct{ allocs, bytes float64 }{
	"get":            {20, 3248},
	"page100":        {137, 35903},
	"page1000":       {1038, 311635},
	"zone10000":      {10885, 3398532},
	"domains100":     {439, 42891},
	"contacts100":    {232, 39225},
	"invoices100":    {3135, 146907},
	"orders100":      {1134, 108208},
	"services100":    {434, 48186},
	"plans100":       {1732, 107467},
	"tokens100":      {832, 77684},
	"mixed100":       {267, 32276},
	"mixed1000":      {2338, 247828},
	"odd100":         {151, 29649},
	"odd1000":        {1052, 247172},
	"profile":        {19, 2985},
	"contact":        {20, 3033},
	"invoice":        {54, 4505},
	"order":          {31, 3657},
	"service":        {24, 3449},
	"usage":          {20, 2744},
	"token":          {23, 3673},
	"transfer":       {19, 2808},
	"nameservers":    {20, 2792},
	"domaincontacts": {17, 2688},
	"availability50": {493, 21074},
}
