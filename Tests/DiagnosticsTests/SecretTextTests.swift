import Diagnostics
import Testing

@Suite struct SecretTextTests {
    @Test(arguments: [
        ("key tg_0WJ42QKVK2TX5V26HB7H6NWM07.", "key tg_•••."),
        ("TG_AG_0wj42qkvk2tx5v26hb7h6nwm07", "TG_AG_•••"),
        ("tg_0WJ42QKV, cut off", "tg_•••, cut off"),
        ("“eyJhbGciOiJF.eyJpc3M.c2ln”", "“eyJ•••”"),
        ("http://kim:s3cret@host:1/x", "http://•••@host:1/x"),
        ("http://kim:s3@cret@host/x", "http://•••@host/x"),
        ("redis://:s3cret@host", "redis://•••@host"),
        ("ht!tp://kim:s3/cret@:@host:x", "ht!tp://•••@host:x"),
        ("http://u:s3cret@h/targets/@acme/a", "http://•••@h/targets/@acme/a"),
        ("a http://u:p@h b http://u:p@h", "a http://•••@h b http://•••@h"),
    ])
    func whatLooksLikeASecretIsMasked(_ text: String, _ masked: String) {
        #expect(maskingSecrets(text) == masked)
        #expect(maskingSecrets(masked) == masked)
    }

    @Test(arguments: [
        "", "plain", "tg_…", "a key begins with `tg_` or `tg_ag_`", "lic_01 ti_7Q4 eyJ",
        "http://host/targets/@acme/plugin-a", "https://host/a?b=c", "git+ssh://@host", "größe://",
    ])
    func whatDoesNotStays(_ text: String) {
        #expect(maskingSecrets(text) == text)
    }
}
