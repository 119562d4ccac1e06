data "hoster_current_token" "this" {}

check "token" {
  assert {
    condition     = contains(data.hoster_current_token.this.scopes, "dns:write")
    error_message = "The token lacks dns:write."
  }
}
