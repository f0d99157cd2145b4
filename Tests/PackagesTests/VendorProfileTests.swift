import CanonicalJSON
import Diagnostics
import Packages
import Testing

@Suite struct VendorProfileTests {
    @Test func isReadAsItIsWritten() throws {
        for profile in [
            VendorProfile(name: "Acme"),
            VendorProfile(
                name: "Acme", hostPackage: try PackageName("@acme/server"), engine: "acme",
                rule: .lockstep, channels: ["latest", "next", "alpha"],
                freePlugins: [
                    try PackageName("@acme/plugin-b"), try PackageName("@acme/plugin-a"),
                ],
                links: .init(portal: "https://acme.example", support: "help@acme.example")),
        ] {
            #expect(try VendorProfile(json: profile.json) == profile)
            #expect(try VendorProfile(json: parseJSON(profile.json.canonicalBytes())) == profile)
        }
    }

    @Test func readsTheLeastThereCanBe() throws {
        let profile = try VendorProfile(json: ["name": "Acme", "rule": "range", "later": 1])
        #expect(profile.channels == ["latest"])
        #expect(profile.hostPackage == nil)
        #expect(profile.freePlugins.isEmpty)
        #expect(SelectionRule(profile.rule) == .range)
    }

    @Test(
        arguments: [
            [], [:], ["name": "Acme"], ["rule": "range"], ["name": 1, "rule": "range"],
            ["name": "Acme", "rule": "newest"],
            ["name": "Acme", "rule": "range", "host_package": "../x"],
            ["name": "Acme", "rule": "range", "channels": "latest"],
            ["name": "Acme", "rule": "range", "channels": [1]],
            ["name": "Acme", "rule": "range", "free_plugins": ["X"]],
            ["name": "Acme", "rule": "range", "links": []],
        ] as [JSONValue])
    func refuses(json: JSONValue) {
        #expect {
            try VendorProfile(json: json)
        } throws: {
            ($0 as? PackageError)?.code == .registryVendorProfileInvalid
        }
    }
}
