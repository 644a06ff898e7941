using System.Diagnostics;

namespace RpcGen.Diagnostics;

/// <summary>Starts and ends spans.</summary>
internal static class RpcTracing
{
    private static readonly ActivitySource Source = new(new ActivitySourceOptions(TelemetryNames.Source)
    {
        Version = LibraryVersion.Text,
        TelemetrySchemaUrl = TelemetryNames.SchemaUrl,
    });

    /// <summary>Whether spans have a listener.</summary>
    public static bool IsListenedTo => Source.HasListeners();

    /// <summary>Starts a client span as a child of the current span, which stays current. Null if no listener wants it.</summary>
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

    /// <summary>Starts a server span as a child of the caller's span, and makes it current. Null if no listener wants it.</summary>
    public static Activity? StartServer(CallLabel label, in ActivityContext parent, DateTimeOffset receivedAt)
    {
        Activity? activity = Source.CreateActivity(label.SpanName, ActivityKind.Server, parent, label.Tags);
        return activity?.SetStartTime(receivedAt.UtcDateTime).Start();
    }

    /// <summary>Ends a span, which need not be the current one.</summary>
    public static void Stop(Activity activity, TimeSpan duration)
    {
        Activity? current = Activity.Current;
        activity.SetEndTime(activity.StartTimeUtc + duration);
        activity.Stop();
        Activity.Current = current == activity ? null : current;
    }

    /// <summary>Makes a span current until disposal, so that the client library's spans become its children. Null changes nothing.</summary>
    public static CurrentSpan Enter(Activity? activity) => new(activity);

    /// <summary>Restores the current span on disposal.</summary>
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
