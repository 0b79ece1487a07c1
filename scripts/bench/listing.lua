-- ListObjectsV2 and V1 over a file of keys, for speed only: no rights, no signatures. `keys_file` and `bucket` are set before.
local keys, contents, etags = {}, {}, {}
for line in io.lines(keys_file) do
  local key, size, etag, modified = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)$")
  keys[#keys + 1] = key
  etags["/" .. bucket .. "/" .. key] = '"' .. etag .. '"'
  contents[#contents + 1] = "<Contents><Key>" .. key .. "</Key><LastModified>" .. modified .. "</LastModified><ETag>&quot;" .. etag
    .. "&quot;</ETag><Size>" .. size .. "</Size><StorageClass>STANDARD</StorageClass></Contents>"
end

-- The first index whose key is `key` or behind it; strictly behind it where `past` is set.
local function seek(key, past)
  local low, high = 1, #keys + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if keys[middle] > key or (not past and keys[middle] == key) then high = middle else low = middle + 1 end
  end
  return low
end

-- The first key that does not begin with `prefix`, whose last byte is the delimiter.
local function beyond(prefix)
  return seek(prefix:sub(1, -2) .. string.char(prefix:byte(-1) + 1), false)
end

local function text(value)
  return type(value) == "string" and value or nil
end

function etag_of(uri)
  return etags[uri]
end

function list(query)
  local prefix, delimiter = text(query.prefix) or "", text(query.delimiter) or ""
  local most = math.min(tonumber(query["max-keys"]) or 1000, 1000)
  local start = text(query["continuation-token"]) or text(query["start-after"]) or text(query.marker)
  local index = seek(prefix, false)
  if start then
    index = math.max(index, seek(start, true))
    if delimiter ~= "" and start:sub(-1) == delimiter and start:sub(1, #prefix) == prefix then
      index = math.max(index, beyond(start))
    end
  end
  local parts, count, last = {}, 0, nil
  while count < most and index <= #keys and keys[index]:sub(1, #prefix) == prefix do
    local cut = delimiter ~= "" and keys[index]:find(delimiter, #prefix + 1, true)
    if cut then
      last = keys[index]:sub(1, cut)
      parts[#parts + 1] = "<CommonPrefixes><Prefix>" .. last .. "</Prefix></CommonPrefixes>"
      index = beyond(last)
    else
      last = keys[index]
      parts[#parts + 1] = contents[index]
      index = index + 1
    end
    count = count + 1
  end
  local more = index <= #keys and keys[index]:sub(1, #prefix) == prefix
  local token = query["list-type"] == "2" and "NextContinuationToken" or "NextMarker"
  ngx.header["Content-Type"] = "application/xml"
  ngx.print('<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>', bucket,
    "</Name><Prefix>", prefix, "</Prefix><KeyCount>", count, "</KeyCount><MaxKeys>", most, "</MaxKeys><IsTruncated>", tostring(more),
    "</IsTruncated>", more and "<" .. token .. ">" .. last .. "</" .. token .. ">" or "", table.concat(parts), "</ListBucketResult>")
end
