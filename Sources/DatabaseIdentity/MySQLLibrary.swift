import Glibc

/// The functions of libmariadb that we call, with the types that its `mysql.h` gives them.
///
/// libmysqlclient has the same ones with the same types, and the options below have the same numbers
/// there. `MYSQL` and `MYSQL_RES` are never looked into.
struct MySQLLibrary: Sendable {
    typealias Text = UnsafePointer<CChar>
    typealias Connection = OpaquePointer
    typealias Rows = OpaquePointer
    typealias Row = UnsafePointer<Text?>
    typealias Connect =
        @convention(c) (Connection, Text?, Text?, Text?, Text?, UInt32, Text?, UInt) -> Connection?
    typealias SetOption = @convention(c) (Connection, UInt32, UnsafeRawPointer?) -> Int32

    let make: @convention(c) (Connection?) -> Connection?
    let setOption: SetOption
    let connect: Connect
    let cipher: @convention(c) (Connection) -> Text?
    let errorNumber: @convention(c) (Connection) -> UInt32
    let errorMessage: @convention(c) (Connection) -> Text?
    let close: @convention(c) (Connection) -> Void
    let query: @convention(c) (Connection, Text) -> Int32
    let storeResult: @convention(c) (Connection) -> Rows?
    let columnCount: @convention(c) (Rows) -> UInt32
    let nextRow: @convention(c) (Rows) -> Row?
    let freeResult: @convention(c) (Rows) -> Void

    static let names = ["libmariadb.so.3", "libmysqlclient.so.24", "libmysqlclient.so.21"]

    // enum mysql_option of mysql.h.
    static let connectTimeout: UInt32 = 0
    static let readTimeout: UInt32 = 11
    static let writeTimeout: UInt32 = 12
    static let tlsVerified: UInt32 = 21
    static let tlsAuthorities: UInt32 = 27
    /// libmariadb's; libmysqlclient answers that it does not know it, and uses TLS by itself.
    static let tlsEnforced: UInt32 = 38

    init(_ names: [String]) throws(DatabaseError) {
        let library = try ClientLibrary(names)
        make = try library.function(
            "mysql_init", as: (@convention(c) (Connection?) -> Connection?).self)
        setOption = try library.function("mysql_options", as: SetOption.self)
        connect = try library.function("mysql_real_connect", as: Connect.self)
        cipher = try library.function(
            "mysql_get_ssl_cipher", as: (@convention(c) (Connection) -> Text?).self)
        errorNumber = try library.function(
            "mysql_errno", as: (@convention(c) (Connection) -> UInt32).self)
        errorMessage = try library.function(
            "mysql_error", as: (@convention(c) (Connection) -> Text?).self)
        close = try library.function("mysql_close", as: (@convention(c) (Connection) -> Void).self)
        query = try library.function(
            "mysql_query", as: (@convention(c) (Connection, Text) -> Int32).self)
        storeResult = try library.function(
            "mysql_store_result", as: (@convention(c) (Connection) -> Rows?).self)
        columnCount = try library.function(
            "mysql_num_fields", as: (@convention(c) (Rows) -> UInt32).self)
        nextRow = try library.function(
            "mysql_fetch_row", as: (@convention(c) (Rows) -> Row?).self)
        freeResult = try library.function(
            "mysql_free_result", as: (@convention(c) (Rows) -> Void).self)
    }
}
