namespace RpcGen.Generators.Parsing.Json;

/// <summary>The values of System.Text.Json's enum of this name.</summary>
internal enum JsonIgnoreCondition
{
    Never = 0,
    Always = 1,
    WhenWritingDefault = 2,
    WhenWritingNull = 3,
    WhenWriting = 4,
    WhenReading = 5,
}
