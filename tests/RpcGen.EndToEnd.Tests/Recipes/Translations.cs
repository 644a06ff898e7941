using System.Runtime.CompilerServices;

namespace RpcGen.EndToEnd.Tests.Recipes;

[AmqpRpc]
public partial interface ITranslations
{
    #region duplex
    IAsyncEnumerable<Translation> TranslateAsync(string language, IAsyncEnumerable<Text> texts, CancellationToken cancellationToken = default);
    #endregion

    #region limits
    [RpcStream(WindowBytes = 65536, WindowItems = 1, IdleTimeoutMilliseconds = 10_000, TotalTimeoutMilliseconds = 3_600_000)]
    IAsyncEnumerable<Translation> ProofreadAsync(string language, CancellationToken cancellationToken = default);
    #endregion
}

public sealed record Text(string Content);

public sealed record Translation(string Content);

public sealed class Translations : ITranslations
{
    public async IAsyncEnumerable<Translation> TranslateAsync(string language, IAsyncEnumerable<Text> texts, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (Text text in texts.WithCancellation(cancellationToken))
        {
            yield return new Translation($"{language}: {text.Content}");
        }
    }

    public async IAsyncEnumerable<Translation> ProofreadAsync(string language, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int i = 0; i < 3; i++)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new Translation($"{language} {i}");
        }
    }
}
