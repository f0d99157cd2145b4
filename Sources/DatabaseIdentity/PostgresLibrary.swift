import Glibc

/// The functions of libpq that we call, with the types that `libpq-fe.h` gives them.
///
/// Unchanged since the library has the number 5. `PGconn` and `PGresult` are opaque there too.
struct PostgresLibrary: Sendable {
    typealias Text = UnsafePointer<CChar>
    typealias Texts = UnsafePointer<Text?>
    typealias Connection = OpaquePointer
    typealias Rows = OpaquePointer

    let connect: @convention(c) (Texts, Texts, Int32) -> Connection?
    let ping: @convention(c) (Texts, Texts, Int32) -> UInt32
    let status: @convention(c) (Connection) -> UInt32
    let errorMessage: @convention(c) (Connection) -> Text?
    let finish: @convention(c) (Connection) -> Void
    let socket: @convention(c) (Connection) -> Int32
    let sendQuery: @convention(c) (Connection, Text) -> Int32
    let consumeInput: @convention(c) (Connection) -> Int32
    let isBusy: @convention(c) (Connection) -> Int32
    let nextResult: @convention(c) (Connection) -> Rows?
    let resultStatus: @convention(c) (Rows) -> UInt32
    let resultField: @convention(c) (Rows, Int32) -> Text?
    let rowCount: @convention(c) (Rows) -> Int32
    let columnCount: @convention(c) (Rows) -> Int32
    let value: @convention(c) (Rows, Int32, Int32) -> Text?
    let clear: @convention(c) (Rows) -> Void

    static let names = ["libpq.so.5"]

    // ConnStatusType, ExecStatusType, PGPing, PG_DIAG_SQLSTATE of libpq-fe.h.
    static let connectionOK: UInt32 = 0
    static let tuplesOK: UInt32 = 2
    static let pingReject: UInt32 = 1
    static let pingNoResponse: UInt32 = 2
    static let pingNoAttempt: UInt32 = 3
    static let sqlState = Int32(UInt8(ascii: "C"))

    init(_ names: [String]) throws(DatabaseError) {
        let library = try ClientLibrary(names)
        connect = try library.function(
            "PQconnectdbParams", as: (@convention(c) (Texts, Texts, Int32) -> Connection?).self)
        ping = try library.function(
            "PQpingParams", as: (@convention(c) (Texts, Texts, Int32) -> UInt32).self)
        status = try library.function(
            "PQstatus", as: (@convention(c) (Connection) -> UInt32).self)
        errorMessage = try library.function(
            "PQerrorMessage", as: (@convention(c) (Connection) -> Text?).self)
        finish = try library.function("PQfinish", as: (@convention(c) (Connection) -> Void).self)
        socket = try library.function("PQsocket", as: (@convention(c) (Connection) -> Int32).self)
        sendQuery = try library.function(
            "PQsendQuery", as: (@convention(c) (Connection, Text) -> Int32).self)
        consumeInput = try library.function(
            "PQconsumeInput", as: (@convention(c) (Connection) -> Int32).self)
        isBusy = try library.function("PQisBusy", as: (@convention(c) (Connection) -> Int32).self)
        nextResult = try library.function(
            "PQgetResult", as: (@convention(c) (Connection) -> Rows?).self)
        resultStatus = try library.function(
            "PQresultStatus", as: (@convention(c) (Rows) -> UInt32).self)
        resultField = try library.function(
            "PQresultErrorField", as: (@convention(c) (Rows, Int32) -> Text?).self)
        rowCount = try library.function("PQntuples", as: (@convention(c) (Rows) -> Int32).self)
        columnCount = try library.function("PQnfields", as: (@convention(c) (Rows) -> Int32).self)
        value = try library.function(
            "PQgetvalue", as: (@convention(c) (Rows, Int32, Int32) -> Text?).self)
        clear = try library.function("PQclear", as: (@convention(c) (Rows) -> Void).self)
    }
}
