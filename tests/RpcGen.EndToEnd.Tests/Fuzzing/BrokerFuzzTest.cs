using System.Globalization;
using RpcGen.EndToEnd.Tests.Attacks;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Tests.Fuzzing;

namespace RpcGen.EndToEnd.Tests.Fuzzing;

/// <summary>
/// The base of tests that send mutated messages over a broker, with the documented permissions. Mutations and seeds are those of
/// the tests in memory.
/// </summary>
public abstract class BrokerFuzzTest(PrivateRabbit broker) : AttackTest(broker), IClassFixture<PrivateRabbit>
{
    private const int DefaultInputs = 4_000;
    private const long MaxGrowth = 64L << 20;

    private long _memoryBefore;

    private protected FuzzLog FuzzLog { get; } = new();

    private protected FuzzSettings Settings { get; } = new(DefaultInputs);

    private protected Task<RpcConnection> ConnectProductAsync() =>
        RpcConnection.ConnectAsync(Broker.Url, new RpcConnectionOptions { LoggerFactory = FuzzLog }, Cancel);

    /// <summary>Connects an attacker with the permissions of <paramref name="role"/> for a queue.</summary>
    private protected async Task<FuzzPublisher> ConnectAttackerAsync(string role, string queue) =>
        await FuzzPublisher.ConnectAsync(await AddUserAsync(UserName(), DocumentedPermissions.Of(role, queue)));

    /// <summary>Fails if a connection or channel of the product was closed, or if anything but a message failed.</summary>
    private protected void CheckLog(string inputs) => Assert.True(FuzzLog.Failures.Count == 0, $"{inputs}: {string.Join('\n', FuzzLog.Failures.Take(5))}");

    /// <summary>Notes the memory in use, once everything has run for a while.</summary>
    private protected void NoteMemory() => _memoryBefore = GC.GetTotalMemory(forceFullCollection: true);

    /// <summary>Fails if memory grew, or if a message is left in any queue of the broker.</summary>
    private protected async Task CheckRestAsync(FuzzPublisher attacker)
    {
        await Wait.UntilAsync(
            async () => (await Node.EvalAsync("lists:sum([N || Q <- rabbit_amqqueue:list(), {messages, N} <- try rabbit_amqqueue:info(Q, [messages]) catch exit:_ -> [] end]).")).Trim() == "0",
            "every queue is empty");
        long growth = GC.GetTotalMemory(forceFullCollection: true) - _memoryBefore;
        Assert.True(growth < MaxGrowth, $"{growth} bytes more are in use than at the beginning.");
        string report = string.Create(
            CultureInfo.InvariantCulture,
            $"RPCGEN_FUZZ_SEED={Settings.Seed}, {Settings.Inputs} inputs; raw: {attacker.RawAndTaken} taken, {attacker.RawAndRefused} refused by the broker; memory {growth / 1024.0:+0;-0} KiB");
        TestContext.Current.TestOutputHelper!.WriteLine(report);
        TestContext.Current.SendDiagnosticMessage(report);
    }
}
