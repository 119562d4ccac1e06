data "hoster_hosting_plans" "all" {}
