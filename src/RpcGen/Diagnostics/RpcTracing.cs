using System.Diagnostics;

namespace RpcGen.Diagnostics;

/// <summary>Makes the spans, and leaves alone whatever span the thread is in.</summary>
internal static class RpcTracing
{
    private static readonly ActivitySource Source = new(RpcTelemetry.Name);

    public static bool IsListenedTo => Source.HasListeners();

    /// <summary>A client's span, a child of the current one, started and not made current. Null where nobody wants it.</summary>
    public static Activity? StartClient(CallLabel label, DateTimeOffset now)
    {
        if (Source.CreateActivity(label.SpanName, ActivityKind.Client, default(ActivityContext), label.Tags) is not { } activity)
        {
            return null;
        }

        Activity? current = Activity.Current;
        activity.SetStartTime(now.UtcDateTime).Start();
        Activity.Current = current;
        return activity;
    }

    /// <summary>A server's span, the child of its caller's, started and current for what the calling method does. Null where nobody wants it.</summary>
    public static Activity? StartServer(CallLabel label, in ActivityContext parent, DateTimeOffset receivedAt)
    {
        Activity? activity = Source.CreateActivity(label.SpanName, ActivityKind.Server, parent, label.Tags);
        return activity?.SetStartTime(receivedAt.UtcDateTime).Start();
    }

    /// <summary>Ends a span, wherever it is current or not.</summary>
    public static void Stop(Activity activity, TimeSpan duration)
    {
        Activity? current = Activity.Current;
        activity.SetEndTime(activity.StartTimeUtc + duration);
        activity.Stop();
        Activity.Current = current == activity ? null : current;
    }

    /// <summary>Makes a span current until disposed, for the client library's own spans to be its children; null changes nothing.</summary>
    public static CurrentSpan Enter(Activity? activity) => new(activity);

    /// <summary>A span that is current for a while.</summary>
    public readonly ref struct CurrentSpan
    {
        private readonly Activity? _before;
        private readonly bool _isChanged;

        public CurrentSpan(Activity? activity)
        {
            if (activity is { IsStopped: false })
            {
                _before = Activity.Current;
                _isChanged = true;
                Activity.Current = activity;
            }
        }

        public void Dispose()
        {
            if (_isChanged)
            {
                Activity.Current = _before;
            }
        }
    }
}
