using RpcGen.Server.Consuming;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Consuming;

public sealed class QueueDeclarerTests
{
    private readonly ScriptedConnection _connection = new();
    private readonly Queue<Func<string, Task>> _answers = new();

    public QueueDeclarerTests() => _connection.CreateChannel = () => new ScriptedChannel { Before = _answers.TryDequeue(out Func<string, Task>? answer) ? answer : null };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string[] Events => [.. _connection.Channels.SelectMany(channel => channel.Events)];

    [Fact]
    public async Task The_queue_is_declared_on_a_channel_of_its_own()
    {
        await EnsureAsync();

        Assert.Equal(["declare q", "dispose"], Events);
    }

    [Fact]
    public async Task A_queue_with_other_properties_is_an_error_with_the_remedy()
    {
        Answer(_ => throw new TransportRefusedException(406, "inequivalent arg"));

        RpcConnectionException refused = await Assert.ThrowsAsync<RpcConnectionException>(() => EnsureAsync());

        Assert.Contains("inequivalent arg", refused.Message, StringComparison.Ordinal);
        Assert.Contains("UseExistingQueue", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["dispose"], Events);
    }

    [Fact]
    public async Task Other_refusals_are_passed_on()
    {
        Answer(_ => throw new TransportRefusedException(403, "no access"));

        Assert.Equal(403, (await Assert.ThrowsAsync<TransportRefusedException>(() => EnsureAsync())).Code);
    }

    [Fact]
    public async Task An_existing_queue_is_only_looked_at()
    {
        await EnsureAsync(useExisting: true);

        Assert.Equal(["inspect q", "dispose"], Events);
    }

    [Fact]
    public async Task A_missing_queue_that_must_exist_is_unavailable()
    {
        Answer(_ => throw new TransportRefusedException(404, "no queue"));

        RpcUnavailableException missing = await Assert.ThrowsAsync<RpcUnavailableException>(() => EnsureAsync(useExisting: true));

        Assert.Equal("q", missing.Queue);
    }

    [Fact]
    public async Task A_refused_look_is_passed_on()
    {
        Answer(_ => throw new TransportRefusedException(405, "locked"));

        Assert.Equal(405, (await Assert.ThrowsAsync<TransportRefusedException>(() => EnsureAsync(useExisting: true))).Code);
    }

    [Fact]
    public async Task The_bare_style_serves_any_queue_that_exists()
    {
        await EnsureAsync(RpcBodyStyle.Bare);

        Assert.Equal(["inspect q", "dispose"], Events);
    }

    [Fact]
    public async Task The_bare_style_declares_a_missing_queue()
    {
        Answer(_ => throw new TransportRefusedException(404, "no queue"));

        await EnsureAsync(RpcBodyStyle.Bare);

        Assert.Equal(["dispose", "declare q", "dispose"], Events);
    }

    [Fact]
    public async Task The_bare_style_accepts_a_queue_that_another_server_declared_meanwhile()
    {
        Answer(_ => throw new TransportRefusedException(404, "no queue"));
        Answer(_ => throw new TransportRefusedException(406, "inequivalent"));

        await EnsureAsync(RpcBodyStyle.Bare);

        Assert.Equal(["dispose", "dispose", "inspect q", "dispose"], Events);
    }

    private void Answer(Func<string, Task> answer) => _answers.Enqueue(answer);

    private Task EnsureAsync(RpcBodyStyle style = RpcBodyStyle.Object, bool useExisting = false) =>
        QueueDeclarer.EnsureAsync(_connection, TestServer.CreateSettings(style) with { UseExistingQueue = useExisting }, Cancel).Soon();
}
