using RpcGen.Transport;

namespace RpcGen.Tests.Connections;

/// <summary>A way to the broker that is as a test wants it.</summary>
internal sealed class FakeProbe : ILivenessProbe
{
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Received { get; set; }

    /// <summary>Whether questions are answered: the answer is octets that arrive.</summary>
    public bool AnswersQuestions { get; set; }

    /// <summary>Whether a second connection is answered; null if nothing comes back.</summary>
    public bool? AnswersSecondConnection { get; set; }

    /// <summary>What the operating system tells of what was sent.</summary>
    public SendProgress? Progress { get; set; }

    public int Questions { get; private set; }

    public int SecondConnections { get; private set; }

    /// <summary>Whether the wait for the second connection was given up.</summary>
    public bool IsSecondGivenUp { get; private set; }

    /// <summary>Why the connection was cut; null if it was not.</summary>
    public string? CutReason { get; private set; }

    public SendProgress? ReadSendProgress() => Progress;

    public Task AskAsync()
    {
        Questions++;
        if (AnswersQuestions)
        {
            Received += 12;
            return Task.CompletedTask;
        }

        return _answer.Task;
    }

    public async Task<bool> IsReachableAsync(CancellationToken cancellationToken)
    {
        SecondConnections++;
        if (AnswersSecondConnection is { } answer)
        {
            return answer;
        }

        var givenUp = new TaskCompletionSource<bool>();
        cancellationToken.Register(() =>
        {
            IsSecondGivenUp = true;
            givenUp.SetResult(false);
        });
        return await givenUp.Task;
    }

    public void Cut(string reason) => CutReason = reason;
}
