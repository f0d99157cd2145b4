import CanonicalJSON
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// NocoBase's command line, as its published source asks: written anew, by the same requests.
@Suite(.enabled(if: NPM.programs.isThere))
struct NocoBaseTests {
    @Test func downloadsWhatTheLicenseHas() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                for (name, version) in [
                    ("@acme/a", "1.0.0"), ("@acme/a", "1.1.0"), ("@acme/b", "1.0.0"),
                    ("@acme/secret", "1.0.0"),
                ] {
                    try await gateway.publish(name, version)
                }
                let license = try await gateway.issueWithAccessKey(["@acme/a", "@acme/b"])
                let npm = try NPM(in: folder.appending("project"), settings: "")
                func client(_ version: String) async throws -> JSONValue {
                    let outcome = try await npm.node(
                        Self.client, gateway.url + "/", license.accessKey, license.secret, version)
                    #expect(outcome.status == 0, "\(outcome.errors)")
                    return try outcome.json
                }
                let first = try await client("1.0.0")
                #expect(first["login"] == 200)
                #expect(first["data"] == ["@acme/a", "@acme/b"])
                #expect(first["commercial"] == ["@acme/a", "@acme/b", "@acme/secret"])
                #expect(first["downloads"] == ["@acme/a@1.0.0 200", "@acme/b@1.0.0 200"])
                #expect(first["key"] == .string(license.key))
                #expect(first["status"] == "active")
                #expect(
                    try await client("latest")["downloads"]
                        == ["@acme/a@1.1.0 200", "@acme/b@1.0.0 200"])

                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                #expect(try await customer.downloadPro(app: "1.0.0").outcome.status == 0)

                try await gateway.tollgate(["licenses", "suspend", license.id])
                let suspended = try await client("1.0.0")
                #expect(suspended["login"] == 401)
                #expect(suspended["error"] == "license not valid")
                #expect(suspended["status"] == "invalid")
                try await gateway.tollgate(["licenses", "resume", license.id])
                try await gateway.tollgate(["licenses", "rotate-access-key", license.id])
                let rotated = try await client("1.0.0")
                #expect(rotated["login"] == 401)
                #expect(rotated["error"] != "license not valid")
                #expect(rotated["status"] == "invalid")
                #expect(rotated["key"] == nil)
            }
        }
    }

    private static let client = """
        const [base, username, password, wanted] = process.argv.slice(1);
        const post = (path, body) => fetch(base + path, {
          method: 'POST', headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(body),
        });
        (async () => {
          const result = {};
          const pair = { access_key_id: username, access_key_secret: password };
          const key = (await (await post('api/license_keys:getKey', pair)).json()).data?.key;
          if (typeof key === 'string') result.key = key;
          result.status =
            (await (await post('api/license_keys:getKeyStatus', pair)).json()).data?.status;
          const login = await post('-/verdaccio/sec/login', { username, password });
          const answer = await login.json();
          result.login = login.status;
          if (answer.error) result.error = answer.error;
          if (answer.token) {
            const headers = { Authorization: `Bearer ${answer.token}` };
            const packages = await (await fetch(base + 'pro-packages', { headers })).json();
            result.data = packages.data;
            result.commercial = packages.meta.commercial_plugins;
            result.downloads = [];
            for (const name of packages.data) {
              const info = await (await fetch(base + name, { headers })).json();
              const version = wanted === 'latest' ? info['dist-tags'].latest : wanted;
              const tarball = await fetch(info.versions[version].dist.tarball, { headers });
              await tarball.arrayBuffer();
              result.downloads.push(`${name}@${version} ${tarball.status}`);
            }
          }
          console.log(JSON.stringify(result));
        })();
        """
}
