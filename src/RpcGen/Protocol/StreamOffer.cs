using System.Globalization;

namespace RpcGen.Protocol;

/// <summary>What a client offers with the request that opens a stream: parameters of <c>content_type</c>.</summary>
/// <param name="Window">How many bytes the server can send before the first grant.</param>
/// <param name="Items">How many items the server can send before the first grant; 0 for no limit.</param>
/// <param name="Beat">How often the client tells that it is alive.</param>
/// <param name="Total">How long the whole stream can take; null for no limit.</param>
internal readonly record struct StreamOffer(long Window, long Items, TimeSpan Beat, TimeSpan? Total)
{
    private const string WindowName = "window";
    private const string ItemsName = "items";
    private const string BeatName = "beat";
    private const string TotalName = "total";

    /// <summary>The content type of the request.</summary>
    public string ToContentType()
    {
        string optional = (Items > 0 ? Parameter(ItemsName, Items) : "") + (Total is { } total ? Parameter(TotalName, Milliseconds(total)) : "");
        return WireNames.Json + Parameter(WindowName, Window) + Parameter(BeatName, Milliseconds(Beat)) + optional;
    }

    /// <summary>Reads the parameters. False if there is no window: the caller expects one reply, and no stream.</summary>
    public static bool TryRead(string? contentType, out StreamOffer offer)
    {
        offer = new StreamOffer(0, 0, StreamBeat.Default, null);
        foreach (Range part in contentType.AsSpan().Split(';'))
        {
            ReadOnlySpan<char> parameter = contentType.AsSpan(part).Trim();
            int equals = parameter.IndexOf('=');
            if (equals > 0 && long.TryParse(parameter[(equals + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value > 0)
            {
                offer = offer.With(parameter[..equals], value);
            }
        }

        return offer.Window > 0;
    }

    private StreamOffer With(ReadOnlySpan<char> name, long value) => name switch
    {
        WindowName => this with { Window = value },
        ItemsName => this with { Items = value },
        BeatName => this with { Beat = StreamBeat.Clamp(value) },
        TotalName => this with { Total = TimeSpan.FromMilliseconds(Math.Min(value, (long)RpcTimeouts.Longest.TotalMilliseconds)) },
        _ => this,
    };

    private static string Parameter(string name, long value) => string.Create(CultureInfo.InvariantCulture, $";{name}={value}");

    private static long Milliseconds(TimeSpan time) => Math.Max(1, (long)time.TotalMilliseconds);
}

/// <summary>How often peers say that they are alive.</summary>
internal static class StreamBeat
{
    /// <summary>The interval until a peer names its own.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(5);

    /// <summary>A peer that names a longer interval would never be found dead.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>A peer that names a shorter interval would be found dead at once.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    /// <summary>How many intervals of a peer's beats can pass without a message from that peer.</summary>
    public const int SilentBeats = 3;

    /// <summary>The interval that counts for a peer that names one.</summary>
    public static TimeSpan Clamp(long milliseconds) =>
        TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, (long)Shortest.TotalMilliseconds, (long)Longest.TotalMilliseconds));
}
