data "hoster_hosting_plans" "all" {}

locals {
  starter = one([for plan in data.hoster_hosting_plans.all.plans : plan if plan.name == "Starter"])
}

resource "hoster_hosting" "site" {
  domain           = "example.com"
  plan_id          = local.starter.id
  billing_cycle    = "annual"
  max_price        = "59.90"
  currency         = "USD"
  confirm_purchase = true
}
