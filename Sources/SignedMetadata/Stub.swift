enum SignedMetadataStub {}
