resource "hoster_domain_registration" "new" {
  domain           = "example.com"
  years            = 1
  max_price        = "12.99"
  currency         = "USD"
  confirm_purchase = true
}

# A transfer from another provider. The auth code is in no state and no plan.
variable "auth_code" {
  type      = string
  ephemeral = true
}

resource "hoster_domain_registration" "moved" {
  domain           = "example.net"
  auth_code        = var.auth_code
  max_price        = "12.99"
  currency         = "USD"
  confirm_purchase = true
}
