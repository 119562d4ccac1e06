ephemeral "hoster_api_token" "run" {
  name     = "one run"
  scopes   = ["dns:read", "dns:write"]
  lifetime = "30m"
}

provider "hoster" {
  alias = "dns_only"
  token = ephemeral.hoster_api_token.run.secret
}
