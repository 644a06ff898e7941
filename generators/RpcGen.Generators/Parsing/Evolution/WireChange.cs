using System.Globalization;
using RpcGen.Generators.Parsing.Json;

namespace RpcGen.Generators.Parsing.Evolution;

/// <summary>Decides which peers break when a part of a contract changes. The answers are subjects of a sentence that ends with "break".</summary>
internal static class WireChange
{
    public const string Idempotent = "idempotent";
    public const string AtMostOnce = "at-most-once";

    /// <summary>The unit of timeouts.</summary>
    public const string Milliseconds = " ms";

    /// <summary>The peers that break because a value has a new rule.</summary>
    public const string OfNewValidation = "old clients, which can send what it refuses,";

    /// <summary>Forms that are read and not written.</summary>
    private static readonly HashSet<string> OnlyRead = new(StringComparer.Ordinal) { WireNumbers.ReadsText, "NumbersFromText", JsonForms.CaseInsensitiveArguments };

    private const string Both = "old clients and old servers";

    /// <summary>The peers that break because a fact was shipped with another value; null if none do.</summary>
    public static string? Breaks(WireFact fact, string shipped) => fact.Kind switch
    {
        "argument" or "member" or "method" => OfValue(fact, WireValue.Parse(fact.Value), WireValue.Parse(shipped)),
        "promise" => OfPromise(shipped),
        "timeout" => IsShorter(fact.Value, shipped) ? $"old clients, whose calls can take {shipped}," : null,
        "validation" => fact.IsSent ? OfValidation(Parts(fact.Value, "; "), Parts(shipped, "; ")) : null,
        "numbers" or "json" => OnlyReadsMore(Parts(fact.Value, ", "), Parts(shipped, ", ")) ? null : Both,
        _ => Both,
    };

    /// <summary>The peers that break because a part was removed; null if none do.</summary>
    public static string? BreaksWhenRemoved(string key, string value) => WireFact.KindOf(key) switch
    {
        "service" or "method" => "old clients, which still call it,",
        "exchange" => "old clients, which still publish to it,",
        "argument" => WireValue.Parse(value).IsRequired ? "old servers, which still require it," : null,
        "fault" => "old clients, which still catch it,",
        "member" => "old clients and old servers that still read it",
        "promise" => OfPromise(value),
        "timeout" => null,
        "validation" => "old servers, which still check it,",
        "numbers" or "json" when OnlyReadsMore(Parts(value, ", "), []) => "old clients and old servers that still send the other form",
        "numbers" or "json" => Both,
        _ => "old clients and old servers that still send it",
    };

    /// <summary>The peers that break because a method makes a new promise.</summary>
    public static string OfNewPromise(string promise) => promise == Idempotent
        ? "old servers, whose handlers run again when new clients repeat a call,"
        : "new clients of old servers, which can run a call twice,";

    /// <summary>The peers that break because numbers or the whole contract have new forms; null if they are only read.</summary>
    public static string? OfNewForms(string forms) => OnlyReadsMore(Parts(forms, ", "), []) ? null : Both;

    private static string? OfValue(WireFact fact, WireValue now, WireValue was)
    {
        if (now.IsNullableFormOf(was))
        {
            return Peers(fact, "old servers", "old clients", "old clients and old servers") + ", which can get null,";
        }

        if (was.IsNullableFormOf(now))
        {
            return Peers(fact, "old clients", "new clients of old servers", "old clients, and new clients of old servers") + ", which can send null,";
        }

        if (now.Type != was.Type || now.Form != was.Form)
        {
            return Both;
        }

        return (was.IsRequired, now.IsRequired) switch
        {
            (true, false) => null,
            (false, true) => fact.BreaksWhenAdded ?? Both,
            _ when now.Default is null && fact.BreaksWhenAdded is { } refused => refused,
            _ => Peers(fact, "clients", "servers", "clients and servers") + " that leave it out, and mean the former default,",
        };
    }

    private static string OfPromise(string shipped) => shipped == Idempotent
        ? "old clients, which repeat a call after a failure,"
        : "callers that rely on one run at most";

    private static string OfValidation(HashSet<string> now, HashSet<string> was) =>
        now.IsSupersetOf(was) ? OfNewValidation
        : now.IsSubsetOf(was) ? "old servers, which refuse what it allows,"
        : "old clients and old servers, which check it otherwise,";

    private static bool OnlyReadsMore(HashSet<string> now, HashSet<string> was) =>
        now.IsSupersetOf(was) && now.Except(was).All(OnlyRead.Contains);

    private static bool IsShorter(string now, string was) => Time(now) < Time(was);

    private static int Time(string value) =>
        int.TryParse(value.Replace(Milliseconds, ""), NumberStyles.Integer, CultureInfo.InvariantCulture, out int milliseconds) ? milliseconds : int.MaxValue;

    private static HashSet<string> Parts(string value, string separator) =>
        new(value.Split([separator], StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);

    private static string Peers(WireFact fact, string ofRequests, string ofReplies, string ofBoth) => (fact.IsSent, fact.IsReceived) switch
    {
        (true, false) => ofRequests,
        (false, true) => ofReplies,
        _ => ofBoth,
    };
}
