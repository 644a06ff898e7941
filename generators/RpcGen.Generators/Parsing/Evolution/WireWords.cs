namespace RpcGen.Generators.Parsing.Evolution;

/// <summary>Says in words what a line of the files says.</summary>
internal static class WireWords
{
    /// <summary>A change, such as <c>argument 'id' of 'Orders/Find' was 'int', required, and is now 'long', required</c>.</summary>
    public static string OfChange(string key, string shipped, string value)
    {
        string was = OfValue(key, shipped);
        return $"{OfKey(key)} was {was}{(was.Contains(',') ? "," : "")} and is now {OfValue(key, value)}";
    }

    /// <summary>A new part, such as <c>new argument 'fast' of 'Orders/Put' is 'bool', required</c>.</summary>
    public static string OfNew(string key, string value) => $"new {OfKey(key)} is {OfValue(key, value)}";

    /// <summary>A part that is gone, such as <c>argument 'id' of 'Orders/Find', which was 'int', required, is missing</c>.</summary>
    public static string OfMissing(string key, string value) => WireFact.KindOf(key) switch
    {
        "service" or "method" => $"{WireFact.KindOf(key)} '{Path(key)}' is missing",
        _ => $"{OfKey(key)}, which was {OfValue(key, value)}, is missing",
    };

    /// <summary>The part of the contract.</summary>
    public static string OfKey(string key)
    {
        string path = Path(key);
        return WireFact.KindOf(key) switch
        {
            "service" => $"body style of the service '{path}'",
            "exchange" => $"exchange of the service '{path}'",
            "method" => $"result of '{path}'",
            "argument" => Last("argument", path),
            "fault" => Last("fault", path),
            "member" => First("member", path),
            "subtype" => First("type of the discriminator", path),
            "discriminator" => $"discriminator of '{path}'",
            "enum" => First("value", path),
            "type" => $"form of the type '{path}'",
            "promise" => $"promise of '{path}'",
            "timeout" => $"timeout of '{path}'",
            "validation" => $"validation of '{path}'",
            "json" => $"JSON of the service '{path}'",
            "numbers" => $"form of the numbers of '{path}'",
            _ => $"line '{key}'",
        };
    }

    private static string Path(string key) => key.Substring(key.IndexOf(' ') + 1);

    private static string OfValue(string key, string value) => WireFact.KindOf(key) switch
    {
        "argument" or "member" or "method" => OfValue(WireValue.Parse(value)),
        "timeout" or "validation" or "numbers" or "json" or "promise" => value,
        _ => $"'{value}'",
    };

    private static string OfValue(WireValue value) =>
        $"'{value.Type}{value.Form}'{(value.IsRequired ? ", required" : "")}{(value.Default is null ? "" : $", by default {value.Default}")}";

    /// <summary>A part of an owner whose path has no slash.</summary>
    private static string First(string what, string path) => Split(what, path, path.IndexOf('/'));

    /// <summary>A part whose own name has no slash.</summary>
    private static string Last(string what, string path) => Split(what, path, path.LastIndexOf('/'));

    private static string Split(string what, string path, int slash) =>
        slash < 0 ? $"{what} '{path}'" : $"{what} '{path.Substring(slash + 1)}' of '{path.Substring(0, slash)}'";
}
