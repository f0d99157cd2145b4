internal import CYAML

/// libyaml's events, one after another; the owner of a `yaml_parser_t`.
struct YAMLEvents: ~Copyable {
    /// Both stay where they are: libyaml keeps pointers to them.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>

    struct Event {
        let kind: Kind
        /// Where it begins, counted from 1.
        let line: Int
    }

    enum Kind: Hashable {
        case streamStart, streamEnd, documentStart, documentEnd
        case mappingStart, mappingEnd, sequenceStart, sequenceEnd
        /// A value; nil: nothing, or null.
        case scalar(String?)
        case alias
    }

    init(_ bytes: [UInt8]) {
        text = .allocate(capacity: bytes.count)
        _ = text.initialize(from: bytes)
        parser = .allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            fatalError("yaml_parser_initialize: no memory")
        }
        yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    /// The next event; none follows the end of the stream.
    ///
    /// - Throws: ``YAMLError`` for what is not YAML.
    func next() throws(YAMLError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        let line = Int(event.start_mark.line) + 1
        guard let kind = Self.kind(of: event) else {
            throw YAMLError("an event of libyaml's that is not known", line: line)
        }
        return Event(kind: kind, line: line)
    }

    /// Passes an event that has to come now.
    func expect(_ kind: Kind) throws(YAMLError) {
        let event = try next()
        guard event.kind == kind else {
            throw YAMLError("\(event.kind) instead of \(kind)", line: event.line)
        }
    }

    private static func kind(of event: yaml_event_t) -> Kind? {
        switch event.type {
        case YAML_STREAM_START_EVENT: .streamStart
        case YAML_STREAM_END_EVENT: .streamEnd
        case YAML_DOCUMENT_START_EVENT: .documentStart
        case YAML_DOCUMENT_END_EVENT: .documentEnd
        case YAML_MAPPING_START_EVENT: .mappingStart
        case YAML_MAPPING_END_EVENT: .mappingEnd
        case YAML_SEQUENCE_START_EVENT: .sequenceStart
        case YAML_SEQUENCE_END_EVENT: .sequenceEnd
        case YAML_ALIAS_EVENT: .alias
        case YAML_SCALAR_EVENT: .scalar(text(of: event))
        default: nil
        }
    }

    /// The text of a value, or nil for what YAML 1.1 reads as null.
    private static func text(of event: yaml_event_t) -> String? {
        let scalar = event.data.scalar
        let text = String(
            decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
        let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
        return isPlain && ["", "~", "null", "Null", "NULL"].contains(text) ? nil : text
    }

    private func failure() -> YAMLError {
        let parser = parser.pointee
        let reason = parser.problem.map { String(cString: $0) } ?? "not YAML"
        // What cannot be decoded has an offset and no line.
        guard parser.error != YAML_READER_ERROR else {
            return YAMLError("\(reason) (byte \(parser.problem_offset))")
        }
        return YAMLError(reason, line: Int(parser.problem_mark.line) + 1)
    }
}
