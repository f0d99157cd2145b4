enum SignedMetadataTestsStub {}
