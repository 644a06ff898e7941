namespace RpcGen.Generators.Parsing.Evolution;

/// <summary>What a line says of an argument or a member: its type, its form, and what applies if a message lacks it.</summary>
/// <param name="Type">The type, with nullable annotations.</param>
/// <param name="Form"><see cref="Converted"/> or <see cref="AsText"/>; empty for the form of the type.</param>
/// <param name="IsRequired">Whether messages must contain it.</param>
/// <param name="Default">The constant that applies if a message lacks it; null for none, and for the default of the type.</param>
internal sealed record WireValue(string Type, string Form = "", bool IsRequired = false, string? Default = null)
{
    /// <summary>The form that a converter of the application gives the value.</summary>
    public const string Converted = " converted";

    /// <summary>The form of an enum whose values are sent by their names.</summary>
    public const string AsText = " as text";

    /// <summary>The end of values that peers have to send.</summary>
    private const string Required = " required";

    private const string Assigned = " = ";

    /// <summary>Reads the value of a line.</summary>
    public static WireValue Parse(string text)
    {
        int assigned = text.IndexOf(Assigned, StringComparison.Ordinal);
        string? value = assigned < 0 ? null : text.Substring(assigned + Assigned.Length);
        string rest = assigned < 0 ? text : text.Substring(0, assigned);
        bool isRequired = TakeEnd(ref rest, Required);
        string form = TakeEnd(ref rest, Converted) ? Converted : TakeEnd(ref rest, AsText) ? AsText : "";
        return new WireValue(rest, form, isRequired, value);
    }

    /// <summary>Whether the types differ in nothing but that this one can be null.</summary>
    public bool IsNullableFormOf(WireValue other) => Type == other.Type + "?" && Form == other.Form;

    /// <summary>The value of a line.</summary>
    public override string ToString() => Type + Form + (IsRequired ? Required : "") + (Default is null ? "" : Assigned + Default);

    private static bool TakeEnd(ref string text, string end)
    {
        bool found = text.EndsWith(end, StringComparison.Ordinal);
        text = found ? text.Substring(0, text.Length - end.Length) : text;
        return found;
    }
}
