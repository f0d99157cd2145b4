import Packages
import Testing

@testable import Gateway

struct ReleaseAddressTests {
    @Test(arguments: ["@acme/x", "@acme/x-1", "@acme/x-1.0.0", "@a/plugin-audit-log", "bare"])
    func isTheInverseOfTheTargetPath(_ name: String) throws {
        let name = try PackageName(name)
        for version in ["1.0.0", "0.0.1-rc.1", "2.0.0-x-y.3", "10.20.30+build-7.tgz"] {
            let version = try SemanticVersion(version)
            let address = ReleaseAddress(
                targetPath: Release.targetPath(name: name, version: version))
            #expect(address?.name == name)
            #expect(address?.version.description == version.description)
        }
    }

    @Test(arguments: [
        "", "/", "-", "/-/", "@acme/x", "@acme/x/-", "@acme/x/-/", "@acme/x/-/x-.tgz",
        "@acme/x/-/y-1.0.0.tgz", "@acme/x/-/x-1.0.tgz", "@acme/x/-/x-1.0.0.zip",
        "@acme/x/x-1.0.0.tgz", "@acme/x/-/-/x-1.0.0.tgz", "/@acme/x/-/x-1.0.0.tgz",
        "@acme/../-/..-1.0.0.tgz", "@ACME/X/-/X-1.0.0.tgz", "@acme/x/-/x-1.0.0.tgz/",
    ])
    func refusesAnyOtherForm(_ path: String) {
        #expect(ReleaseAddress(targetPath: path) == nil)
    }
}
