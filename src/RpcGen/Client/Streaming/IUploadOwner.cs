using RpcGen.Client.Calls;

namespace RpcGen.Client.Streaming;

/// <summary>What an <see cref="Upload"/> needs from its call. Must not throw.</summary>
internal interface IUploadOwner
{
    /// <summary>The call as messages name it.</summary>
    CallIdentity Identity { get; }

    /// <summary>A source has failed, and the server was told.</summary>
    void OnSourceFailed(Exception exception);
}
