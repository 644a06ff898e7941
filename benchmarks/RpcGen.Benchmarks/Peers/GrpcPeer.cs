using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RpcGen.Benchmarks.Workloads;
using RpcGen.Benchmarks.Workloads.Grpc;

namespace RpcGen.Benchmarks.Peers;

/// <summary>gRPC without TLS on the loopback interface, with protobuf bodies.</summary>
internal sealed class GrpcPeer : IPeer
{
    public string Name => "grpc";

    public string Description => "gRPC (grpc-dotnet) over h2c loopback, protobuf; no broker";

    public async Task<IAsyncDisposable> ServeAsync(PeerSite site)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(site.Port, listen => listen.Protocols = HttpProtocols.Http2));
        WebApplication application = builder.Build();
        application.MapGrpcService<Service>();
        await application.StartAsync();
        return application;
    }

    public Task<IPeerClient> ConnectAsync(PeerSite site)
    {
        // A connection carries at most 100 concurrent calls.
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true };
        GrpcChannel channel = GrpcChannel.ForAddress($"http://localhost:{site.Port}", new GrpcChannelOptions { HttpHandler = handler });
        return Task.FromResult<IPeerClient>(new Client(channel));
    }

    private sealed class Service : Calculator.CalculatorBase
    {
        public override Task<AddReply> Add(AddRequest request, ServerCallContext context) => Task.FromResult(new AddReply { Sum = request.A + request.B });

        public override Task<GrpcDocument> Echo(GrpcDocument request, ServerCallContext context) => Task.FromResult(request);
    }

    private sealed class Client(GrpcChannel channel) : IPeerClient
    {
        private readonly Calculator.CalculatorClient _client = new(channel);

        public async ValueTask<int> AddAsync(int a, int b)
        {
            using AsyncUnaryCall<AddReply> call = _client.AddAsync(new AddRequest { A = a, B = b }, deadline: DateTime.UtcNow.AddSeconds(30));
            return (await call.ResponseAsync).Sum;
        }

        public async ValueTask<Document> EchoAsync(Document document)
        {
            var request = new GrpcDocument { Id = document.Id, Title = document.Title, Author = document.Author, Price = document.Price, IsDraft = document.IsDraft, Text = document.Text };
            request.Tags.Add(document.Tags);
            using AsyncUnaryCall<GrpcDocument> call = _client.EchoAsync(request, deadline: DateTime.UtcNow.AddSeconds(30));
            GrpcDocument reply = await call.ResponseAsync;
            return new Document(reply.Id, reply.Title, reply.Author, reply.Price, reply.IsDraft, [.. reply.Tags], reply.Text);
        }

        public ValueTask DisposeAsync()
        {
            channel.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
