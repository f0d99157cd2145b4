import DatabaseIdentity
import Diagnostics
import Testing

@Suite struct AddressTests {
    private typealias Host = DatabaseAddress.Host

    @Test(arguments: [
        "postgres://app:s%40f%2Fe@db:5432/shop", "postgresql://app:s%40f%2Fe@db:5432/shop",
        "pg://db:5432?u=app&p=s%40f%2Fe&d=shop", "postgresql+asyncpg://app:s%40f%2Fe@db:5432/shop",
        "postgresql:///shop?host=db&port=5432&user=app&password=s%40f%2Fe",
    ])
    func postgres(_ text: String) throws {
        let address = try DatabaseAddress.read(text, from: "DATABASE_URL")
        #expect(
            address
                == DatabaseAddress(
                    .postgresql, hosts: [Host("db", port: 5432)], user: "app",
                    password: Secret("s@f/e"), database: "shop"))
    }

    @Test(arguments: ["mysql://u:p@db/shop", "mysql2://db?u=u&p=p&d=shop", "mariadb://u:p@db/shop"])
    func mysql(_ text: String) throws {
        let address = try DatabaseAddress.read(text, from: "DATABASE_URL")
        #expect(
            address
                == DatabaseAddress(
                    .mysql, hosts: [Host("db")], user: "u", password: Secret("p"), database: "shop")
        )
    }

    @Test(arguments: [
        "sqlite:///data/app.db", "sqlite3://?d=noco.db", "file:./dev.db", "sqlite::memory:",
    ])
    func aFileIsNoServer(_ text: String) throws {
        #expect(try DatabaseAddress.read(text, from: "DATABASE_URL") == nil)
    }

    @Test func severalHostsSocketsAndParameters() throws {
        let several = try DatabaseAddress.read(
            "postgres://a,[::1]:5433,%2Frun%2Fpg:5434/x?sslmode=require&schema=public", from: "x")
        #expect(
            several?.hosts == [Host("a"), Host("::1", port: 5433), Host("/run/pg", port: 5434)])
        #expect(several?.parameters == ["sslmode": "require", "schema": "public"])
        let socket = try DatabaseAddress.read("mysql:///x?socket=/run/my.sock", from: "x")
        #expect(socket?.hosts == [Host("/run/my.sock")])
    }

    @Test(arguments: [
        ("kingbase://u:s3cret@h/d", "\"kingbase\""),
        ("mongodb+srv://u:s3cret@h/d", "\"mongodb+srv\""),
        ("s3cret", "no address"), ("postgres:s3cret", "//"), ("postgres://u:12/s3cret@h/d", "“/”"),
        ("postgres://u:s3cret/x@h:5432/d", "“/”"), ("postgres://u:s3cret%zz@h/d", "“%”"),
        ("postgres://u:s3cret%00@h/d", "“%”"), ("postgres://u:s3cret@h:99999/d", "port"),
        ("postgres://s3cret:0/d", "port"), ("postgres://u:s3cret@[::1/d", "“[”"),
        ("postgres://u:s3cret@a:1:2/d", "“:”"),
    ])
    func aRefusalShowsTheSchemeAlone(_ text: String, _ word: String) {
        let error = #expect(throws: UsageError.self) {
            try DatabaseAddress.read(text, from: "DATABASE_URL")
        }
        #expect(error?.message.contains("DATABASE_URL") == true)
        #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
        #expect(error.map { "\($0) \($0.remedy)" }?.contains("s3cret") == false)
    }

    @Test func thePasswordIsNotInTheDescription() throws {
        let address = try #require(
            try DatabaseAddress.read("mysql://u:s3cret@h:3307/d", from: "x"))
        #expect("\(address)" == "mysql at h:3307, database \"d\", user \"u\"")
        var dumped = ""
        dump(address, to: &dumped)
        #expect(!dumped.contains("s3cret"))
    }
}
