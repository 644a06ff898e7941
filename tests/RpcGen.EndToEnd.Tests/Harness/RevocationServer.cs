using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>Serves an authority's list of revoked certificates, as its certificates say.</summary>
internal sealed class RevocationServer : IAsyncDisposable
{
    private readonly WebApplication _server;
    private byte[] _list = [];

    public RevocationServer()
    {
        _server = WebApplication.CreateSlimBuilder().Build();
        _server.Urls.Add($"http://{IPAddress.Loopback}:0");
        string path = $"/{Guid.NewGuid():N}"; // the framework keeps lists by address, also from earlier runs
        _server.MapGet(path, () => Results.Bytes(_list, "application/pkix-crl"));
        _server.Start();
        List = new Uri(new Uri(_server.Urls.First()), path);
    }

    public Uri List { get; }

    public void Publish(byte[] list) => _list = list;

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
