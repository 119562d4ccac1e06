resource "hoster_contact" "owner" {
  name    = "Ada Lovelace"
  email   = "ada@example.com"
  phone   = "+1.5555550100"
  company = "Analytical Engines"
  address = {
    street      = "1 Example Street"
    city        = "Sampletown"
    postal_code = "00000"
    country     = "US"
  }
}
