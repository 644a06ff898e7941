using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.RegularExpressions;
using RpcGen.Diagnostics;
using RpcGen.Tests.Documentation;

namespace RpcGen.Tests.Diagnostics;

/// <summary>Names in telemetry and docs/telemetry.md are the same.</summary>
[Collection("telemetry")]
public sealed partial class TelemetryPageTests
{
    private static readonly string Page = RepositoryFiles.Read("docs/telemetry.md");

    private static readonly string[] Names = [.. typeof(TelemetryNames).GetFields(BindingFlags.Static | BindingFlags.Public).Select(field => (string)field.GetRawConstantValue()!)];

    [Fact]
    public void The_page_has_every_name() => Assert.All(Names, name => Assert.Contains($"`{name}`", Page, StringComparison.Ordinal));

    /// <summary>A name that was renamed or removed does not stay on the page. The sources of the client library have names of their own.</summary>
    [Fact]
    public void Every_name_of_the_page_exists()
    {
        string[] known = [.. Names, RpcTelemetry.Name];

        Assert.Empty(TelemetryName().Matches(Page).Select(match => match.Groups["name"].Value).Distinct().Except(known));
    }

    [Fact]
    public void Source_and_meter_have_version_and_schema()
    {
        var sources = new ConcurrentQueue<ActivitySource>();
        using var spans = new ActivityListener { ShouldListenTo = source => { sources.Enqueue(source); return false; } };
        ActivitySource.AddActivityListener(spans);
        Assert.False(RpcTracing.IsListenedTo);
        ActivitySource source = sources.Single(source => source.Name == TelemetryNames.Source);
        Assert.Equal((TelemetryNames.SchemaUrl, LibraryVersion.Text), (source.TelemetrySchemaUrl, source.Version));
        Meter meter = RpcMetrics.ClientCallDuration.Meter;
        Assert.Equal((TelemetryNames.Source, TelemetryNames.SchemaUrl, LibraryVersion.Text), (meter.Name, meter.TelemetrySchemaUrl, meter.Version));
        Assert.Matches(@"^\d+\.\d+\.\d+(-[\w.]+)?$", LibraryVersion.Text);
    }

    /// <summary>Namespaces are singular, as OpenTelemetry's naming guide asks for.</summary>
    [Fact]
    public void Instruments_have_singular_names() => Assert.DoesNotContain(Names, name => PluralInstrument().IsMatch(name));

    [GeneratedRegex(@"`(?<name>(?:rpc|rpcgen|server|network|messaging|error)\.[a-z_.]+)`")]
    private static partial Regex TelemetryName();

    [GeneratedRegex(@"^rpcgen\.(client|server)\.\w+s\.")]
    private static partial Regex PluralInstrument();
}
