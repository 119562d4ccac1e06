data "hoster_account" "this" {}

output "customer" {
  value = data.hoster_account.this.id
}
