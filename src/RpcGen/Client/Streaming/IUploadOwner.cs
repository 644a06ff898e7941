using RpcGen.Client.Calls;

namespace RpcGen.Client.Streaming;

/// <summary>What an <see cref="Upload"/> or a <see cref="ProgressSink"/> needs from its call. Must not throw.</summary>
internal interface IUploadOwner
{
    /// <summary>The call as messages name it.</summary>
    CallIdentity Identity { get; }

    /// <summary>A source has failed, and the server was told.</summary>
    void OnSourceFailed(Exception exception);

    /// <summary>The caller's progress object threw, or a progress message breaks the protocol. The call fails.</summary>
    void OnProgressFailed(Exception exception);
}
