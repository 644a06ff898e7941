using System.Text;
using Microsoft.Extensions.Time.Testing;
using RpcGen.Client.Finding;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Finding;

/// <summary>Any peer that sees a question can answer it, with anything and as often as it likes.</summary>
public sealed class InstanceAnswersTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Each_instance_counts_once()
    {
        InstanceAnswers<RpcServiceInstance> answers = Create();
        Answer(answers, Identity("q", "1"), Identity("q", "2"), Identity("q", "1"), Identity("other", "1"));

        Assert.Equal(["q 1", "q 2", "other 1"], await ReadAsync(answers));
    }

    [Fact]
    public async Task Answers_that_name_no_instance_or_another_queue_do_not_count()
    {
        InstanceAnswers<RpcServiceInstance> answers = Create("q");
        Answer(answers, Identity("", "1"), Identity("q", ""), Identity("other", "1"), "{}", "7", "null", "", "\u0001", """{"queue":null}""", """{"instance":{"startedAt":"soon"}}""", Identity("q", "1"));
        answers.OnDelivered(Message(Identity("q", "2")) with { IsUnreadable = true });
        answers.OnDelivered(Message(Identity("q", "3")) with { Type = "again" });

        Assert.Equal(["q 1"], await ReadAsync(answers));
    }

    [Fact]
    public async Task No_more_instances_than_the_limit_are_reported()
    {
        InstanceAnswers<RpcServiceInstance> answers = Create();
        IAsyncEnumerator<RpcServiceInstance> reading = answers.ReadAsync(new TaskCompletionSource().Task, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        int count = 0;
        for (bool more = true; more;)
        {
            Answer(answers, Identity("q", $"{count}"));
            more = await reading.MoveNextAsync();
            count += more ? 1 : 0;
        }

        Assert.Equal(10_000, count);
    }

    [Fact]
    public async Task No_more_bytes_than_the_limit_are_read()
    {
        InstanceAnswers<RpcServiceInstance> answers = Create();
        string filler = new(' ', (16 << 10) - 200);
        for (int i = 0; i < 5_000; i++)
        {
            Answer(answers, Identity("q", $"{i}") + filler);
        }

        Answer(answers, Identity("q", "large") + new string(' ', 16 << 10));

        Assert.InRange((await ReadAsync(answers)).Length, 4_000, 4_200); // 64 MiB
    }

    [Fact]
    public async Task The_first_refusal_is_kept()
    {
        InstanceAnswers<RpcServiceInstance> answers = Create();
        Assert.Null(answers.Refusal);
        answers.OnDelivered(Message("first") with { Type = "fault" });
        answers.OnDelivered(Message("second") with { Type = "fault" });

        Assert.Empty(await ReadAsync(answers));
        Assert.Equal("first", Encoding.UTF8.GetString(answers.Refusal!));
    }

    private InstanceAnswers<RpcServiceInstance> Create(string? queue = null) => new(InstanceQuestion.Ping, queue, _time, TimeSpan.FromSeconds(2));

    private static string Identity(string queue, string id) => """{"queue":"QUEUE","instance":{"id":"ID"}}""".Replace("QUEUE", queue, StringComparison.Ordinal).Replace("ID", id, StringComparison.Ordinal);

    private static IncomingMessage Message(string body) => new() { Exchange = "", RoutingKey = "rpc.cb.me", Body = Encoding.UTF8.GetBytes(body) };

    private static void Answer(InstanceAnswers<RpcServiceInstance> answers, params string[] bodies)
    {
        foreach (string body in bodies)
        {
            answers.OnDelivered(Message(body));
        }
    }

    private static async Task<string[]> ReadAsync(InstanceAnswers<RpcServiceInstance> answers)
    {
        answers.OnCancelledByBroker(); // nothing more comes
        return await answers.ReadAsync(new TaskCompletionSource().Task, TestContext.Current.CancellationToken)
            .Select(instance => $"{instance.Queue} {instance.Instance.Id}").ToArrayAsync(TestContext.Current.CancellationToken);
    }
}
