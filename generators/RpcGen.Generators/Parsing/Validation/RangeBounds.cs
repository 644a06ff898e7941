namespace RpcGen.Generators.Parsing.Validation;

/// <summary>The bounds of a <c>[Range]</c> as text.</summary>
internal sealed record RangeBounds(string From, bool FromIsExclusive, string To, bool ToIsExclusive)
{
    /// <summary>The framework's message.</summary>
    public string FrameworkText =>
        "The field {0} must be between {1}" + (FromIsExclusive ? " exclusive" : "") + " and {2}" + (ToIsExclusive ? " exclusive" : "") + ".";
}
