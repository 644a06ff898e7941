namespace RpcGen.Generated;

/// <summary>Which values of a type are read into keyed collections. Parts without any are left out. Immutable after it is built.</summary>
internal sealed class KeyedShape
{
    /// <summary>The form of the value in JSON.</summary>
    public KeyedForm Form { get; set; }

    /// <summary>Whether the value itself is a keyed collection.</summary>
    public bool IsKeyed { get; set; }

    /// <summary>The elements of a collection, or the values of a dictionary; null if there is nothing to count in them.</summary>
    public KeyedShape? Element { get; set; }

    /// <summary>The members of an object that are worth looking at.</summary>
    public Dictionary<string, KeyedShape> Members { get; set; } = [];

    /// <summary>The name of the member that tells the value's type; null if there are no subtypes.</summary>
    public string? Discriminator { get; set; }

    /// <summary>The subtypes by their discriminators, which are of type <see cref="string"/> or <see cref="int"/>.</summary>
    public Dictionary<object, KeyedShape> Subtypes { get; set; } = [];

    /// <summary>The shapes that this one refers to.</summary>
    public IEnumerable<KeyedShape> Parts => [.. Element is null ? [] : new[] { Element }, .. Members.Values, .. Subtypes.Values];

    /// <summary>Finds a member; null if there is nothing to count in it.</summary>
    public KeyedShape? Member(ReadOnlySpan<char> name) =>
        Members.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out KeyedShape? member) ? member : null;
}

/// <summary>The form of a value in JSON.</summary>
internal enum KeyedForm
{
    /// <summary>Anything without keyed collections, or with a converter of its own.</summary>
    Other,

    /// <summary>An object with members.</summary>
    Object,

    /// <summary>An object with a member for each entry.</summary>
    Dictionary,

    /// <summary>An array, or an object that holds the type and, in <c>$values</c>, the array.</summary>
    Array,
}
