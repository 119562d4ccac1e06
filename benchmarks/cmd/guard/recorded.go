package main

// recorded is what each operation of hoster allocates, on either engine of
// encoding/json: allocations and bytes. Whoever lowers it records the lower
// number. What the pools lose to a collection now and then is within stray.
var recorded = map[string]struct{ allocs, bytes float64 }{
	"get":            {20, 3248},
	"page100":        {131, 35677},
	"page1000":       {1032, 310806},
	"zone10000":      {10839, 3391174},
	"domains100":     {434, 42641},
	"contacts100":    {228, 39131},
	"invoices100":    {3130, 146624},
	"orders100":      {929, 102416},
	"services100":    {429, 48034},
	"plans100":       {1728, 107335},
	"tokens100":      {828, 77613},
	"mixed100":       {261, 32054},
	"mixed1000":      {2332, 247611},
	"odd100":         {145, 29449},
	"odd1000":        {1046, 246962},
	"profile":        {19, 2985},
	"contact":        {20, 3033},
	"invoice":        {54, 4505},
	"order":          {29, 3601},
	"service":        {24, 3449},
	"usage":          {20, 2744},
	"token":          {23, 3673},
	"transfer":       {19, 2808},
	"nameservers":    {20, 2792},
	"domaincontacts": {17, 2688},
	"availability50": {489, 21000},
}
