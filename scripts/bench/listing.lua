-- ListObjectsV2 and V1 over the keys that `stored-keys.ts` wrote, for speed only: no rights, no signatures. `folder` and `bucket` are set before.
-- All of it lies outside of Lua's heap. Lua holds equal strings once, and finds them by a hash made of a few of their bytes: among a million keys that
-- are much alike, or as many that nobody collects because the heap is large, a GET cost the server ten times what it costs among few.
local ffi = require("ffi")
ffi.cdef([[
  int memcmp(const void *one, const void *other, size_t length);
  void *malloc(size_t length);
  size_t fread(void *to, size_t size, size_t count, void *file);
]])

local function read(name, type)
  local file = assert(io.open(folder .. "/" .. name, "rb"))
  local length = file:seek("end")
  file:seek("set")
  local bytes = ffi.C.malloc(length)
  assert(bytes ~= nil and ffi.C.fread(bytes, 1, length, file) == length)
  file:close()
  return ffi.cast(type, bytes), length
end

-- What one key has ends where the next one's begins: the ends are counted from key 0, and those of key 0 are 0.
local keys, etags, contents = read("keys", "const char *"), read("etags", "const char *"), read("contents", "const char *")
local key_ends, length_of_ends = read("key-ends", "const uint32_t *")
local contents_ends = read("contents-ends", "const uint32_t *")
local signatures, signature_ends = read("signatures", "const char *"), read("signature-ends", "const uint32_t *")
local count = length_of_ends / 4 - 1

local function key_at(index)
  return ffi.string(keys + key_ends[index - 1], key_ends[index] - key_ends[index - 1])
end

-- Below 0 where the key at the index is before these bytes, above 0 where it is behind.
local function compare(index, bytes, length)
  local own_length = key_ends[index] - key_ends[index - 1]
  local difference = ffi.C.memcmp(keys + key_ends[index - 1], bytes, math.min(own_length, length))
  return difference ~= 0 and difference or own_length - length
end

local function begins_with(index, prefix)
  return key_ends[index] - key_ends[index - 1] >= #prefix and ffi.C.memcmp(keys + key_ends[index - 1], prefix, #prefix) == 0
end

-- The first index whose key is these bytes or behind them; strictly behind them where `past` is set.
local function seek(bytes, length, past)
  local low, high = 1, count + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    local order = compare(middle, bytes, length)
    if order > 0 or (not past and order == 0) then high = middle else low = middle + 1 end
  end
  return low
end

-- The first key that does not begin with `prefix`.
local function beyond(prefix)
  return prefix == "" and count + 1 or seek(prefix:sub(1, -2) .. string.char(prefix:byte(-1) + 1), #prefix, false)
end

local function contents_from(index, last)
  return ffi.string(contents + contents_ends[index - 1], contents_ends[last] - contents_ends[index - 1])
end

local function text(value)
  return type(value) == "string" and value or nil
end

-- The ETag of a key, and the signature of a digest. Nothing if there is no such key.
function metadata_of(uri)
  local key, length = ffi.cast("const char *", uri) + #bucket + 2, #uri - #bucket - 2
  local index = seek(key, length, false)
  if index > count or compare(index, key, length) ~= 0 then return nil end
  local signature = ffi.string(signatures + signature_ends[index - 1], signature_ends[index] - signature_ends[index - 1])
  return '"' .. ffi.string(etags + 32 * (index - 1), 32) .. '"', signature ~= "" and signature or nil
end

function list(query)
  local prefix, delimiter = text(query.prefix) or "", text(query.delimiter) or ""
  local most = math.min(tonumber(query["max-keys"]) or 1000, 1000)
  local start = text(query["continuation-token"]) or text(query["start-after"]) or text(query.marker)
  local index = seek(prefix, #prefix, false)
  if start then
    index = math.max(index, seek(start, #start, true))
    if delimiter ~= "" and start:sub(-1) == delimiter and start:sub(1, #prefix) == prefix then
      index = math.max(index, beyond(start))
    end
  end
  local parts, found, last = {}, 0, nil
  if delimiter == "" then
    local first = index
    index = math.max(first, math.min(first + most, beyond(prefix)))
    found = index - first
    if found > 0 then parts[1], last = contents_from(first, index - 1), key_at(index - 1) end
  end
  while delimiter ~= "" and found < most and index <= count and begins_with(index, prefix) do
    last = key_at(index)
    local cut = last:find(delimiter, #prefix + 1, true)
    if cut then
      last = last:sub(1, cut)
      parts[#parts + 1] = "<CommonPrefixes><Prefix>" .. last .. "</Prefix></CommonPrefixes>"
      index = beyond(last)
    else
      parts[#parts + 1] = contents_from(index, index)
      index = index + 1
    end
    found = found + 1
  end
  local more = found > 0 and index <= count and begins_with(index, prefix)
  local token = query["list-type"] == "2" and "NextContinuationToken" or "NextMarker"
  ngx.header["Content-Type"] = "application/xml"
  ngx.print('<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>', bucket,
    "</Name><Prefix>", prefix, "</Prefix><KeyCount>", found, "</KeyCount><MaxKeys>", most, "</MaxKeys><IsTruncated>", tostring(more),
    "</IsTruncated>", more and "<" .. token .. ">" .. last .. "</" .. token .. ">" or "", parts, "</ListBucketResult>")
end
