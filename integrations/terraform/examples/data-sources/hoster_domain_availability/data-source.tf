data "hoster_domain_availability" "names" {
  domains = ["example.com", "example.net"]
}
