enum CanonicalJSONTestsStub {}
