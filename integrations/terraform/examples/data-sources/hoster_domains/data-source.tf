data "hoster_domains" "active" {
  status = "active"
}

output "names" {
  value = data.hoster_domains.active.domains[*].name
}
