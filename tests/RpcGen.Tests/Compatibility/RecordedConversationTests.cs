using RpcGen.Tests.Documentation;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Compatibility;

/// <summary>
/// What this version sends is recorded in files, byte for byte. Each version must read what earlier versions have sent: each side plays
/// against the record of the other one.
/// </summary>
[Collection("telemetry")]
public sealed class RecordedConversationTests
{
    /// <summary>The folder that this version records. A release copies it to a folder of its own, which never changes.</summary>
    private const string Current = "current";

    public static TheoryData<string> Names => [.. Conversations.All.Select(conversation => conversation.Name)];

    public static TheoryData<string, string> Records
    {
        get
        {
            var records = new TheoryData<string, string>();
            foreach (string folder in Directory.EnumerateDirectories(RepositoryFiles.Full(WireFile.Folder)))
            {
                foreach (string file in Directory.EnumerateFiles(folder, "*.txt"))
                {
                    records.Add(Path.GetFileName(folder), Path.GetFileNameWithoutExtension(file));
                }
            }

            return records;
        }
    }

    /// <summary>With RPCGEN_ACCEPT=1 in the environment, the test writes the file.</summary>
    [Theory(Timeout = Bounds.TestTimeout)]
    [MemberData(nameof(Names))]
    public async Task The_same_bytes_are_written(string name)
    {
        Conversation conversation = Find(name);
        await using var stage = new Stage { Options = conversation.Options };
        await conversation.Serve(stage);
        await conversation.Call(stage);
        await stage.Service.AssertNotesAsync(conversation.Notes);

        string text = WireFile.Write(conversation.Title, stage.Recorder.Steps);
        string path = WireFile.PathOf(Current, name);
        if (Environment.GetEnvironmentVariable("RPCGEN_ACCEPT") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(RepositoryFiles.Full(path))!);
            await File.WriteAllTextAsync(RepositoryFiles.Full(path), text, TestContext.Current.CancellationToken);
        }

        Assert.Equal(RepositoryFiles.Read(path), text);
    }

    [Theory(Timeout = Bounds.TestTimeout)]
    [MemberData(nameof(Records))]
    public async Task A_recorded_server_is_read(string version, string name)
    {
        Conversation conversation = Find(name);
        await using var stage = new Stage { Options = conversation.Options };
        await using Player server = await Player.OpenAsync(stage, playsClient: false, WireFile.Read(WireFile.PathOf(version, name)));

        Task playing = server.PlayAsync();
        await conversation.Call(stage);
        await playing;
    }

    [Theory(Timeout = Bounds.TestTimeout)]
    [MemberData(nameof(Records))]
    public async Task A_recorded_client_is_read(string version, string name)
    {
        Conversation conversation = Find(name);
        await using var stage = new Stage { Options = conversation.Options };
        await conversation.Serve(stage);
        await using Player client = await Player.OpenAsync(stage, playsClient: true, WireFile.Read(WireFile.PathOf(version, name)));

        await client.PlayAsync();
        await stage.Service.AssertNotesAsync(conversation.Notes);
    }

    [Fact]
    public void Every_conversation_is_recorded_and_every_record_has_a_conversation() =>
        Assert.Equal(Conversations.All.Select(conversation => conversation.Name).Order(), Records.Select(record => record.Data).Where(record => record.Item1 == Current).Select(record => record.Item2).Order());

    private static Conversation Find(string name) => Conversations.All.Single(conversation => conversation.Name == name);
}
