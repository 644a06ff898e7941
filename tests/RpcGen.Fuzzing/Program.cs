// Feeds decoders of the runtime with inputs that a fuzzer looks for. The fuzzer sees which branches an input takes, and keeps inputs
// that take new ones.
//
//   dotnet run -c Release --project tests/RpcGen.Fuzzing                  gives each decoder its corpus
//   tests/fuzz.sh DECODER SECONDS                                         looks for new inputs with AFL++
//   RpcGen.Fuzzing unpack DECODER FOLDER                                  writes the corpus as files, for AFL++
//   RpcGen.Fuzzing pack DECODER FOLDER                                    adds files of a folder to the corpus
//   RpcGen.Fuzzing fuzz DECODER                                           what AFL++ runs

using RpcGen.Fuzzing;

return args switch
{
    [] => Corpus.ReplayAll(Console.Out),
    ["fuzz", string name] when Decoders.Find(name) is { } decoder => Fuzz(decoder),
    ["unpack", string name, string folder] when Decoders.Find(name) is not null => Corpus.Unpack(name, folder),
    ["pack", string name, string folder] when Decoders.Find(name) is not null => Corpus.Pack(name, folder),
    _ => Explain(),
};

static int Fuzz(Decoder decoder)
{
    SharpFuzz.Fuzzer.OutOfProcess.Run(stream =>
    {
        using var input = new MemoryStream();
        stream.CopyTo(input);
        decoder.Read(input.ToArray());
    });
    return 0;
}

static int Explain()
{
    Console.Error.WriteLine($"RpcGen.Fuzzing [fuzz DECODER | unpack DECODER FOLDER | pack DECODER FOLDER]; decoders: {string.Join(", ", Decoders.All.Select(static decoder => decoder.Name))}");
    return 2;
}
