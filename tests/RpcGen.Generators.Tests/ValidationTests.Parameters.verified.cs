        public override void Validate(in Arguments arguments, global::RpcGen.Generated.RpcValidation validation)
        {
            if (validation.CanCheck("n"))
            {
                if (arguments.N is not (>= 0 and <= 90))
                {
                    validation.Fail("n", "The field n must be between 0 and 90.");
                }
            }

            if (validation.CanCheck("s"))
            {
                if (string.IsNullOrWhiteSpace(arguments.S))
                {
                    validation.Fail("s", "The s field is required.");
                }
                else if (arguments.S.Length is < 2 or > 10)
                {
                    validation.Fail("s", "The field s must be a string with a minimum length of 2 and a maximum length of 10.");
                }
            }

            if (validation.CanCheck("e"))
            {
                if (!__Validation._emailAddress.IsValid(arguments.E))
                {
                    validation.Fail("e", __Validation._emailAddress.FormatErrorMessage("e"));
                }
            }

            if (validation.CanCheck("d"))
            {
                if (arguments.D is not (null or (> 0.5D and <= double.PositiveInfinity)))
                {
                    validation.Fail("d", "The field d must be between 0.5 exclusive and Infinity.");
                }
            }
        }

        public override void Validate(in Arguments arguments, global::RpcGen.Generated.RpcValidation validation)
        {
            if (validation.CanCheck("l"))
            {
                if (arguments.L is null)
                {
                    validation.FailNull("l");
                }
                else
                {
                    if (arguments.L.Count is < 1 or > 3)
                    {
                        validation.Fail("l", "The field l must be a string or collection type with a minimum length of '1' and maximum length of '3'.");
                    }

                    if (validation.Enter("l"))
                    {
                        __Validation.CheckList(arguments.L, validation);
                        validation.Leave();
                    }
                }
            }

            if (validation.CanCheck("a"))
            {
                if (arguments.A?.Length is < 1)
                {
                    validation.Fail("a", "The field a must be a string or array type with a minimum length of '1'.");
                }
            }

            if (validation.CanCheck("d"))
            {
                if (arguments.D is null)
                {
                    validation.FailNull("d");
                }
                else if (arguments.D.Count is > 5)
                {
                    validation.Fail("d", "The field d must be a string or array type with a maximum length of '5'.");
                }
            }

            if (validation.CanCheck("fine"))
            {
                if (arguments.Fine is null)
                {
                    validation.FailNull("fine");
                }
            }

            if (validation.CanCheck("lazy"))
            {
                if (arguments.Lazy is null)
                {
                    validation.FailNull("lazy");
                }
                else if (validation.Enter("lazy"))
                {
                    __Validation.CheckIEnumerable(arguments.Lazy, validation);
                    validation.Leave();
                }
            }
        }

        public override void Validate(in Arguments arguments, global::RpcGen.Generated.RpcValidation validation)
        {
            if (validation.CanCheck("deep"))
            {
                if (arguments.Deep is null)
                {
                    validation.FailNull("deep");
                }
                else if (validation.Enter("deep"))
                {
                    __Validation.CheckDictionary2(arguments.Deep, validation);
                    validation.Leave();
                }
            }

            if (validation.CanCheck("tuple"))
            {
                if (validation.Enter("tuple"))
                {
                    __Validation.CheckTuple(arguments.Tuple, validation);
                    validation.Leave();
                }
            }

            if (validation.CanCheck("jagged"))
            {
                if (arguments.Jagged is null)
                {
                    validation.FailNull("jagged");
                }
                else if (validation.Enter("jagged"))
                {
                    __Validation.CheckArray(arguments.Jagged, validation);
                    validation.Leave();
                }
            }
        }

    private static class __Validation
    {
        public static readonly global::System.ComponentModel.DataAnnotations.EmailAddressAttribute _emailAddress = new global::System.ComponentModel.DataAnnotations.EmailAddressAttribute();

        public static void CheckList(global::System.Collections.Generic.List<string> values, global::RpcGen.Generated.RpcValidation validation)
        {
            int index = 0;
            foreach (var value in values)
            {
                if (value is null)
                {
                    validation.FailNull(index);
                }

                index++;
            }
        }

        public static void CheckIEnumerable(global::System.Collections.Generic.IEnumerable<string> values, global::RpcGen.Generated.RpcValidation validation)
        {
            if (values is not global::System.Collections.Generic.IReadOnlyCollection<string>)
            {
                return; // walking it might use it up
            }

            int index = 0;
            foreach (var value in values)
            {
                if (value is null)
                {
                    validation.FailNull(index);
                }

                index++;
            }
        }

        public static void CheckDictionary2(global::System.Collections.Generic.Dictionary<int, global::System.Collections.Generic.List<string>> values, global::RpcGen.Generated.RpcValidation validation)
        {
            foreach (var pair in values)
            {
                if (pair.Value is null)
                {
                    validation.FailNullKey(pair.Key);
                }
                else if (validation.EnterKey(pair.Key))
                {
                    CheckList(pair.Value, validation);
                    validation.Leave();
                }
            }
        }

        public static void CheckTuple((string A, int B) value, global::RpcGen.Generated.RpcValidation validation)
        {
            if (value.Item1 is null)
            {
                validation.FailNull("Item1");
            }
        }

        public static void CheckArray(string[][] values, global::RpcGen.Generated.RpcValidation validation)
        {
            int index = 0;
            foreach (var value in values)
            {
                if (value is null)
                {
                    validation.FailNull(index);
                }
                else if (validation.Enter(index))
                {
                    CheckStringArray(value, validation);
                    validation.Leave();
                }

                index++;
            }
        }

        public static void CheckStringArray(string[] values, global::RpcGen.Generated.RpcValidation validation)
        {
            int index = 0;
            foreach (var value in values)
            {
                if (value is null)
                {
                    validation.FailNull(index);
                }

                index++;
            }
        }
    }
}

